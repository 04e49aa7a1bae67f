"""A speech model's manifest: which files it has, from which installed packages they come, and how to know them again.

The manifests are the YAML files in models/manifests; no weights live in git.
"""

from pathlib import Path

import msgspec

from domain.errors import ModelError

MANIFESTS_DIR = Path(__file__).parent / "manifests"


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A piece of a file. distribution: the package that brings it; path: where, as in that package's RECORD."""

    distribution: str
    path: str


class ModelFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of the model: its parts in order, the size in bytes and sha256 (hex) of the whole."""

    file: str
    size: int
    sha256: str
    parts: tuple[Part, ...]


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model. licence: SPDX name; source: where the weights come from, for a person."""

    name: str
    version: str
    licence: str
    source: str
    files: tuple[ModelFile, ...]


def load_manifest(file: Path) -> Manifest:
    """The manifest in `file`; ModelError when it is missing or wrong."""
    try:
        manifest = msgspec.yaml.decode(file.read_bytes(), type=Manifest)
    except OSError as error:
        raise ModelError(
            f"no such manifest ({error.strerror})", where=str(file), remedy="run `hotline models list`"
        ) from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ModelError(f"not a manifest: {error}", where=str(file), remedy="mend the field that it names") from error
    if not manifest.files or any(not model_file.parts for model_file in manifest.files):
        raise ModelError("a manifest needs files, and each file parts", where=str(file), remedy="add them")
    return manifest


def manifest_named(name: str) -> Manifest:
    """The manifest models/manifests/`name`.yaml; ModelError names those that there are."""
    file = MANIFESTS_DIR / f"{name}.yaml"
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in MANIFESTS_DIR.glob("*.yaml")))
        raise ModelError(f"no model is called '{name}'", where=str(MANIFESTS_DIR), remedy=f"known models: {known}")
    return load_manifest(file)


def all_manifests() -> list[Manifest]:
    """Every manifest, by name."""
    return [load_manifest(file) for file in sorted(MANIFESTS_DIR.glob("*.yaml"))]
