import hashlib
from pathlib import Path

import pytest

from domain.errors import ModelError
from models.manifest import Manifest, ModelFile, Part, all_manifests, load_manifest, manifest_named
from models.package_parts import join_parts, verify_model

PACKAGE = "tiny-model"
WHOLE = b"first half, second half"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real installed distribution, found by importlib.metadata on sys.path."""
    site = tmp_path / "site"
    (site / "tiny_model-1.0.0.dist-info").mkdir(parents=True)
    (site / "tiny_model-1.0.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1\n"
    )
    (site / "tiny_model").mkdir()
    (site / "tiny_model" / "a.part").write_bytes(WHOLE[:11])
    (site / "tiny_model" / "b.part").write_bytes(WHOLE[11:])
    monkeypatch.syspath_prepend(str(site))
    return site / "tiny_model"


def tiny(*, distribution: str = PACKAGE, sha256: str = hashlib.sha256(WHOLE).hexdigest()) -> Manifest:
    parts = tuple(Part(distribution=distribution, path=f"tiny_model/{letter}.part") for letter in "ab")
    model_file = ModelFile(file="model.bin", size=len(WHOLE), sha256=sha256, parts=parts)
    return Manifest(name="tiny", version="1", licence="MIT", source="made here", files=(model_file,))


def test_parts_are_joined_in_order_and_progress_ends_at_the_whole(package: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    folder = join_parts(tiny(), tmp_path, lambda *step: seen.append(step))
    assert (folder / "model.bin").read_bytes() == WHOLE
    assert seen[-1] == ("model.bin", len(WHOLE), len(WHOLE))
    verify_model(tiny(), tmp_path)


def test_a_right_file_is_left_alone(package: Path, tmp_path: Path) -> None:
    folder = join_parts(tiny(), tmp_path)
    (package / "a.part").unlink()
    assert join_parts(tiny(), tmp_path) == folder


def test_a_damaged_joined_file_is_joined_anew(package: Path, tmp_path: Path) -> None:
    folder = join_parts(tiny(), tmp_path)
    (folder / "model.bin").write_bytes(WHOLE[::-1])
    with pytest.raises(ModelError, match="hotline models fetch"):
        verify_model(tiny(), tmp_path)
    join_parts(tiny(), tmp_path)
    assert (folder / "model.bin").read_bytes() == WHOLE


@pytest.mark.parametrize("content", [WHOLE[:11][::-1], WHOLE[:5], b""])
def test_a_corrupted_part_says_what_to_run_and_leaves_nothing(package: Path, tmp_path: Path, content: bytes) -> None:
    (package / "a.part").write_bytes(content)
    with pytest.raises(ModelError, match=r"corrupted.*tiny-model|tiny-model.*corrupted.*make setup"):
        join_parts(tiny(), tmp_path)
    assert list((tmp_path / "tiny").iterdir()) == []


def test_a_missing_part_says_what_to_run(package: Path, tmp_path: Path) -> None:
    (package / "b.part").unlink()
    with pytest.raises(ModelError, match=r"lacks tiny_model/b\.part.*make setup"):
        join_parts(tiny(), tmp_path)


def test_a_missing_package_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"not-there.*not installed.*make setup"):
        join_parts(tiny(distribution="not-there"), tmp_path)


def test_a_folder_that_cannot_be_written_says_where(package: Path, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file")
    with pytest.raises(ModelError, match="blocked"):
        join_parts(tiny(), tmp_path / "blocked")


@pytest.mark.parametrize(
    ("text", "said"),
    [("name: x\n", "missing"), ("{", "not a manifest"), ("name: 1\nwrong: 2", "not a manifest")],
)
def test_a_wrong_manifest_is_refused_with_its_field(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text)
    with pytest.raises(ModelError, match=said):
        load_manifest(file)


def test_an_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(ModelError, match="whisper-base"):
        manifest_named("whisper-huge")


def test_every_manifest_names_its_licence_and_full_sha256() -> None:
    manifests = all_manifests()
    assert manifests
    for manifest in manifests:
        assert manifest.licence
        assert all(len(model_file.sha256) == 64 for model_file in manifest.files)
