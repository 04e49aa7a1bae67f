"""Whom the directory of this installation calls for 110, 119 and 120."""

from pathlib import Path

from domain.directory import EntryKind
from hotline.config import Settings, load_settings
from hotline.directory import has_robots, open_directory
from hotline.emergency_robots import GREETINGS


def demo(folder: Path, **more: str) -> Settings:
    own = {"SERVICE__DATA_DIR": str(folder), "SERVICE__DEMO": "true"} | more
    return load_settings(None, {f"HOTLINE_{name}": value for name, value in own.items()})


def test_only_the_demo_without_a_directory_of_its_own_calls_robots(tmp_path: Path) -> None:
    settings = demo(tmp_path, SERVICE__DEMO_EMERGENCY_PORT="5999")
    entries = [entry for entry in open_directory(settings).entries if entry.kind is EntryKind.EMERGENCY]
    assert {entry.code: entry.target.address for entry in entries} == {
        code: f"sip:{code}@127.0.0.1:5999" for code in GREETINGS
    }
    assert has_robots(settings)
    file = tmp_path / "directory.csv"
    file.write_text("类别,名称,号码,短码,检索词\n紧急,公安 110,110,110,\n")
    own = demo(tmp_path, TELEPHONY__DIRECTORY_FILE=str(file))
    emergency = open_directory(own).emergency("110")
    assert emergency is not None
    assert emergency.target.address == "tel:110"
    assert not has_robots(own)
