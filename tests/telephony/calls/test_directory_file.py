"""The directory file: what it gives, and how it is refused."""

from pathlib import Path

import pytest

from domain.directory import Directory, EntryKind
from domain.errors import ConfigError
from domain.target import TargetKind
from telephony.calls.directory_file import SAMPLE, load_directory

HEAD = "类别,名称,号码,短码,检索词\n"


def test_the_sample_city_can_be_read_and_searched() -> None:
    directory = load_directory(SAMPLE)
    assert {entry.kind for entry in directory.entries} == set(EntryKind)
    assert [entry.name for entry in directory.search("zjj")] == ["市住房和城乡建设局"]
    assert [entry.name for entry in directory.search("物业 住房")] == ["市住房和城乡建设局"]
    assert [entry.name for entry in directory.search("02012345")] == ["省政务服务便民热线"]
    assert len(directory.search("", limit=3)) == 3
    assert directory.search("没有这个") == []
    province = directory.by_code("301")
    assert province is not None
    assert province.target.address == "tel:02012345"
    queue = directory.by_code("401")
    assert queue is not None
    assert queue.target.kind is TargetKind.QUEUE
    assert directory.by_code("") is None


def test_emergencies_are_there_whatever_the_file_says(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_text("\ufeff" + HEAD + "紧急,公安 110,sip:robot@127.0.0.1:5099,110,\n\n", encoding="utf-8")
    directory = load_directory(file)
    police, fire = directory.emergency("110"), directory.emergency("119")
    assert police is not None
    assert police.target.address == "sip:robot@127.0.0.1:5099"
    assert fire is not None
    assert fire.target.address == "tel:119"
    assert Directory().emergency("120") is not None
    assert directory.emergency("12") is None


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("kind,name\n", 1, "header"),
        ("", 1, "header"),
        (HEAD + "部门,甲,1234,1,\n机关,乙,1234,2,\n", 3, "类别 '机关'"),
        (HEAD + "部门,,1234,1,\n", 2, "名称"),
        (HEAD + "部门,甲,12 34,1,\n", 2, "号码"),
        (HEAD + "部门,甲,1234,x,\n", 2, "短码"),
        (HEAD + "紧急,甲,1234,111,\n", 2, "短码"),
        (HEAD + "部门,甲,1234,1,\n部门,乙,1235,1,\n", 3, "stands twice"),
        (HEAD + "部门,甲,1234\n", 2, "3 fields"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, line: int, words: str) -> None:
    file = tmp_path / "d.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_directory(file)
    assert refused.value.where == f"{file}:{line}"
    assert words in refused.value.what
    assert refused.value.remedy


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_directory(tmp_path / "missing.csv")
    (tmp_path / "d.csv").write_bytes("类别".encode("gbk"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_directory(tmp_path / "d.csv")
