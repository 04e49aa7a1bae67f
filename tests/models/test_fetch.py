"""Fetching from a server on loopback: cuts, lies, full disks and archives with bad intentions."""

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import models.download
from domain.errors import ModelError
from models.fetch import fetch_published
from models.published_model import Download, PublishedModel, verify_published
from tests.models.web_server import WebServer, serving

WEIGHTS = bytes(range(256)) * 400


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    monkeypatch.setattr(models.download, "_PAUSE_S", 0.0)
    monkeypatch.setenv("NO_PROXY", "*")
    with serving(WebServer()) as server:
        yield server


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def tarred(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:bz2") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, to in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, to
            archive.addfile(member)
    return target.getvalue()


GOOD = {"tiny-1.0/am/final.mdl": WEIGHTS, "tiny-1.0/conf/mfcc.conf": b"--x"}


def tiny(*urls: str, sha256: str = "", size: int = 0, files: tuple[str, ...] = ("am/*.mdl",)) -> PublishedModel:
    return PublishedModel(
        name="tiny",
        engine="vosk",
        licence="MIT",
        source="https://example.org/tiny",
        megabytes=0.1,
        published_error="none",
        cores=1,
        memory_gb=0.1,
        downloads=tuple(Download(url=url, sha256=sha256, size=size) for url in urls),
        files=files,
    )


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("ending", [".zip", ".tar.bz2"])
def test_an_archive_is_fetched_checked_unpacked_and_remembered(web: WebServer, tmp_path: Path, ending: str) -> None:
    archive = web.files[f"/tiny{ending}"] = zipped(GOOD) if ending == ".zip" else tarred(GOOD)
    model = tiny(f"{web.address}/tiny{ending}", sha256=sha256(archive), size=len(archive))
    told: list[tuple[str, int, int]] = []
    folder = fetch_published(model, tmp_path, lambda *step: told.append(step))
    assert (folder / "am" / "final.mdl").read_bytes() == WEIGHTS
    assert (f"tiny{ending}", len(archive), len(archive)) in told
    assert verify_published(model, tmp_path) == folder
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]
    fetch_published(model, tmp_path)
    assert len(web.ranges) == 1


def test_single_files_are_fetched_as_they_are(web: WebServer, tmp_path: Path) -> None:
    web.files |= {"/a/model.bin": WEIGHTS, "/a/config.json": b"{}"}
    model = tiny(f"{web.address}/a/model.bin", f"{web.address}/a/config.json", files=("model.bin", "config.json"))
    folder = fetch_published(model, tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "fetched.json", "model.bin"]


def test_after_a_cut_only_the_rest_is_asked_for(web: WebServer, tmp_path: Path) -> None:
    archive = web.files["/tiny.zip"] = zipped({**GOOD, "tiny-1.0/noise": bytes(range(251)) * 999})
    web.cut_after = [500, 300]
    fetch_published(tiny(f"{web.address}/tiny.zip", sha256=sha256(archive)), tmp_path)
    assert web.ranges == ["", "bytes=500-", "bytes=800-"]


def test_a_later_call_goes_on_where_an_earlier_one_gave_up(web: WebServer, tmp_path: Path) -> None:
    archive = web.files["/tiny.zip"] = zipped(GOOD)
    web.cut_after = [400, *[0] * 10]
    model = tiny(f"{web.address}/tiny.zip", sha256=sha256(archive))
    with pytest.raises(ModelError, match=r"cannot be fetched.*--from"):
        fetch_published(model, tmp_path)
    web.cut_after, web.ranges = [], []
    fetch_published(model, tmp_path)
    assert web.ranges == ["bytes=400-"]


@pytest.mark.parametrize("change", ["no ranges", "another version"])
def test_a_rest_that_is_not_of_the_same_file_is_not_appended(web: WebServer, tmp_path: Path, change: str) -> None:
    archive = web.files["/tiny.zip"] = zipped(GOOD)
    web.cut_after = [400, *[0] * 10]
    with pytest.raises(ModelError):
        fetch_published(tiny(f"{web.address}/tiny.zip"), tmp_path)
    web.cut_after = []
    if change == "no ranges":
        web.knows_ranges = False
    else:
        archive = web.files["/tiny.zip"] = zipped({**GOOD, "tiny-1.0/more": b"new"})
        web.etag = '"2"'
    fetch_published(tiny(f"{web.address}/tiny.zip", sha256=sha256(archive)), tmp_path)


def test_a_wrong_hash_is_refused_thrown_away_and_fetched_anew_the_next_time(web: WebServer, tmp_path: Path) -> None:
    right = zipped(GOOD)
    web.files["/tiny.zip"] = right[:-1] + b"x"
    model = tiny(f"{web.address}/tiny.zip", sha256=sha256(right))
    with pytest.raises(ModelError, match=r"sha256 is .* not .*fetch it again"):
        fetch_published(model, tmp_path)
    assert not (tmp_path / "tiny").exists()
    web.files["/tiny.zip"] = right
    fetch_published(model, tmp_path)
    assert web.ranges == ["", ""]


def test_a_file_that_is_not_there_says_what_the_server_said(web: WebServer, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny\.zip: the server answers 404.*models_mirror"):
        fetch_published(tiny(f"{web.address}/tiny.zip"), tmp_path)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/tiny.zip", "http://no-such-host.invalid/tiny.zip"])
def test_an_unreachable_network_is_a_message(web: WebServer, tmp_path: Path, url: str) -> None:
    with pytest.raises(ModelError, match=r"check the network or .*--from"):
        fetch_published(tiny(url), tmp_path)


def test_a_full_disk_is_a_message_and_what_was_there_stays(web: WebServer, tmp_path: Path) -> None:
    web.files["/tiny.zip"] = zipped(GOOD)
    (tmp_path / ".tiny.parts").mkdir()
    (tmp_path / ".tiny.parts" / "tiny.zip.part").symlink_to("/dev/full")
    with pytest.raises(ModelError, match=r"No space left.*make room"):
        fetch_published(tiny(f"{web.address}/tiny.zip"), tmp_path)
    assert not (tmp_path / "tiny").exists()


def test_a_model_that_does_not_fit_is_refused_before_it_is_fetched(web: WebServer, tmp_path: Path) -> None:
    from msgspec.structs import replace

    with pytest.raises(ModelError, match=r"MB are free.*make room"):
        fetch_published(replace(tiny(f"{web.address}/tiny.zip"), megabytes=1e12), tmp_path)
    assert web.ranges == []


def test_a_mirror_takes_the_place_of_the_makers(web: WebServer, tmp_path: Path) -> None:
    web.files["/mirror/tiny/tiny.zip"] = zipped(GOOD)
    fetch_published(tiny("https://example.org/far/tiny.zip"), tmp_path, mirror=f"{web.address}/mirror/")
    with pytest.raises(ModelError, match=r"not an address|cannot be fetched"):
        fetch_published(tiny("https://example.org/far/tiny.zip"), tmp_path / "other", mirror="htp:/wrong")


def test_a_file_brought_by_hand_needs_no_network(tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    brought = tmp_path / "usb" / "tiny.zip"
    brought.write_bytes(zipped(GOOD))
    model = tiny("http://127.0.0.1:9/tiny.zip", sha256=sha256(brought.read_bytes()))
    fetch_published(model, tmp_path / "models", source=brought)
    fetch_published(model, tmp_path / "others", source=brought.parent)
    assert brought.is_file()
    brought.write_bytes(zipped({"other": b"x"}))
    with pytest.raises(ModelError, match="sha256"):
        fetch_published(model, tmp_path / "third", source=brought)
    with pytest.raises(ModelError, match=r"no such file.*published as"):
        fetch_published(model, tmp_path / "third", source=tmp_path / "gone.zip")


@pytest.mark.parametrize(
    ("archive", "said"),
    [
        (zipped({"../../etc/cron": b"x"}), "would leave the folder"),
        (zipped({"/etc/cron": b"x"}), "would leave the folder"),
        (zipped({"a\\..\\..\\cron": b"x"}), "would leave the folder"),
        (zipped({}), "empty"),
        (zipped(GOOD)[:300], "not a whole archive"),
        (zipped({"readme": b"another model"}), "not the model tiny.*lacks"),
        (b"<html>please sign in</html>", "not a whole archive"),
    ],
)
def test_a_bad_archive_leaves_nothing_behind(web: WebServer, tmp_path: Path, archive: bytes, said: str) -> None:
    web.files["/tiny.zip"] = archive
    with pytest.raises(ModelError, match=said):
        fetch_published(tiny(f"{web.address}/tiny.zip"), tmp_path / "models")
    assert not (tmp_path / "models" / "tiny").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["models"]
    web.files["/tiny.zip"] = zipped(GOOD)
    fetch_published(tiny(f"{web.address}/tiny.zip"), tmp_path / "models")


@pytest.mark.parametrize("content", [tarred(GOOD)[:200], b"no archive at all", b""])
def test_a_bad_tape_is_a_message(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tiny.tar.bz2").write_bytes(content)
    with pytest.raises(ModelError, match="not a whole archive"):
        fetch_published(tiny("http://x/tiny.tar.bz2"), tmp_path / "models", source=tmp_path / "tiny.tar.bz2")


def test_links_in_a_tape_are_not_made(tmp_path: Path) -> None:
    (tmp_path / "tiny.tar.bz2").write_bytes(tarred(GOOD, {"tiny-1.0/am/out": "/etc"}))
    folder = fetch_published(tiny("http://x/tiny.tar.bz2"), tmp_path / "models", source=tmp_path / "tiny.tar.bz2")
    assert [path.name for path in (folder / "am").iterdir()] == ["final.mdl"]


def test_damage_after_the_fetch_is_found_and_mended(web: WebServer, tmp_path: Path) -> None:
    web.files["/tiny.zip"] = zipped(GOOD)
    model = tiny(f"{web.address}/tiny.zip")
    with pytest.raises(ModelError, match=r"not on this machine.*hotline models fetch tiny"):
        verify_published(model, tmp_path)
    folder = fetch_published(model, tmp_path)
    (folder / "am" / "final.mdl").write_bytes(WEIGHTS[::-1])
    with pytest.raises(ModelError, match=r"am/final\.mdl of tiny.*hotline models fetch tiny"):
        verify_published(model, tmp_path)
    (folder / "fetched.json").write_text("{")
    with pytest.raises(ModelError, match="not a record"):
        verify_published(model, tmp_path)
    fetch_published(model, tmp_path)
    (folder / "conf" / "mfcc.conf").unlink()
    with pytest.raises(ModelError, match=r"mfcc\.conf of tiny is missing"):
        verify_published(model, tmp_path)
