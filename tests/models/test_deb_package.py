import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from domain.errors import ModelError
from models.deb_package import DebManifest, all_deb_manifests, fetch_deb, verify_deb
from models.npm_package import PackedFile

CONTENT = b"words" * 100
needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="no dpkg-deb on this machine")


def a_manifest(sha256: str = hashlib.sha256(CONTENT).hexdigest()) -> DebManifest:
    packed = PackedFile(file="words.lm", member="./usr/lib/*/words.lm", size=len(CONTENT), sha256=sha256)
    return DebManifest(
        name="words", version="1.0-1", licence="MIT", source="a test", package="no-such-package", files=(packed,)
    )


def an_archive(folder: Path, content: bytes = CONTENT, name: str = "words.lm") -> Path:
    tree = folder / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    control = "Package: no-such-package\nVersion: 1.0-1\nArchitecture: all\nMaintainer: a test\nDescription: a test\n"
    (tree / "DEBIAN" / "control").write_text(control)
    (tree / "usr" / "lib" / "anywhere").mkdir(parents=True)
    (tree / "usr" / "lib" / "anywhere" / name).write_bytes(content)
    file = folder / "no-such-package.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, file], check=True, capture_output=True)
    return file


@needs_dpkg
def test_the_named_files_are_taken_out_and_verified(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    folder = fetch_deb(a_manifest(), tmp_path / "models", lambda *step: told.append(step), archive=an_archive(tmp_path))
    assert (folder / "words.lm").read_bytes() == CONTENT
    assert told == [("words.lm", 500, 500)]
    assert verify_deb(a_manifest(), tmp_path / "models") == folder
    assert fetch_deb(a_manifest(), tmp_path / "models", archive=tmp_path / "gone.deb") == folder


@needs_dpkg
@pytest.mark.parametrize(
    ("content", "name", "complaint"),
    [(b"other" * 100, "words.lm", "sha256"), (CONTENT, "others.lm", "lacks files")],
)
def test_another_package_is_refused_and_nothing_is_left(
    tmp_path: Path, content: bytes, name: str, complaint: str
) -> None:
    with pytest.raises(ModelError, match=complaint):
        fetch_deb(a_manifest(), tmp_path / "models", archive=an_archive(tmp_path, content, name))
    assert not list((tmp_path / "models" / "words").iterdir())


@needs_dpkg
def test_an_archive_that_is_none_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "package.deb"
    wrong.write_bytes(b"\x00\x01not a package")
    with pytest.raises(ModelError, match="not the package"):
        fetch_deb(a_manifest(), tmp_path / "models", archive=wrong)


def test_a_missing_model_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="hotline models fetch"):
        verify_deb(a_manifest(), tmp_path)


def test_every_manifest_is_whole() -> None:
    manifests = all_deb_manifests()
    assert [manifest.name for manifest in manifests] == ["libime-words"]
    assert all(len(packed.sha256) == 64 for manifest in manifests for packed in manifest.files)
