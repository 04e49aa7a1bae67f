"""Models that their makers publish for download: what they are, and how a folder of one is known again.

Fetched once by name (models.fetch), never at a start. Where the makers publish no sha256, `sha256` is left out: the
first fetch is then at the operator's own check, and the folder remembers what came, so that damage is found later.
"""

from pathlib import Path

import msgspec

from domain.errors import ModelError
from models.package_parts import is_right

PUBLISHED_DIR = Path(__file__).parent / "published"
RECORD = "fetched.json"


class Download(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file to fetch; archives (.zip, .tar.bz2, .tar.gz) are unpacked. size: bytes; "" and 0 where not published.

    sha256_from: who says so, when it is not the publisher.
    """

    url: str
    size: int = 0
    sha256: str = ""
    sha256_from: str = ""

    @property
    def file(self) -> str:
        return self.url.rpartition("/")[2]


class PublishedModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model. engine, type: as in [asr] engine and model_type; licence: SPDX name; source: a page for a person.

    megabytes: of the downloads, about; published_error: as its makers or the named paper say, on their own test sets;
    cores, memory_gb: for a listener with eight channels, as the makers say or estimated. files: what must be there, as
    globs relative to the folder.
    """

    name: str
    engine: str
    type: str = ""
    licence: str
    source: str
    megabytes: float
    published_error: str
    cores: int
    memory_gb: float
    downloads: tuple[Download, ...]
    files: tuple[str, ...]


class FetchedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was when it came."""

    file: str
    size: int
    sha256: str


def published_model(name: str) -> PublishedModel | None:
    """The model models/published/`name`.yaml, if there is one; ModelError when the manifest is wrong."""
    file = PUBLISHED_DIR / f"{name}.yaml"
    return load_published(file) if file.is_file() else None


def load_published(file: Path) -> PublishedModel:
    """The model that the manifest in `file` describes; ModelError when it is wrong."""
    try:
        return msgspec.yaml.decode(file.read_bytes(), type=PublishedModel)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ModelError(f"not a manifest: {error}", where=str(file), remedy="mend the field that it names") from error


def all_published() -> list[PublishedModel]:
    """Every published model, by name."""
    return [load_published(file) for file in sorted(PUBLISHED_DIR.glob("*.yaml"))]


def is_fetched(model: PublishedModel, models_dir: Path) -> bool:
    """Whether the model's folder is there; `verify_published` reads it."""
    return (models_dir / model.name / RECORD).is_file()


def verify_published(model: PublishedModel, models_dir: Path) -> Path:
    """The model's folder, every file as it was when it came; ModelError naming what is missing or wrong."""
    folder = models_dir / model.name
    remedy = f"run `hotline models fetch {model.name}`"
    if not is_fetched(model, models_dir):
        raise ModelError(f"the model {model.name} is not on this machine", where=str(folder), remedy=remedy)
    try:
        record = msgspec.json.decode((folder / RECORD).read_bytes(), type=tuple[FetchedFile, ...])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ModelError(f"not a record: {error}", where=str(folder / RECORD), remedy=remedy) from error
    for fetched in record:
        if not is_right(fetched, folder):
            raise ModelError(
                f"{fetched.file} of {model.name} is missing, or not what was fetched",
                where=str(folder / fetched.file),
                remedy=remedy,
            )
    return folder


def check_files(model: PublishedModel, folder: Path, where: str) -> None:
    """ModelError when something that the model needs is not in the folder."""
    missing = [pattern for pattern in model.files if not any(folder.glob(pattern))]
    if missing:
        raise ModelError(
            f"not the model {model.name}: it lacks {', '.join(missing)}", where=where, remedy=f"see {model.source}"
        )
