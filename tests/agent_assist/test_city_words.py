"""Which words the listeners are told, and what an operator may write."""

from pathlib import Path

import pytest

from agent_assist.city_words import city_files, city_words
from agent_assist.hot_word_file import read_hot_words
from agent_assist.settings import AssistSettings
from domain.errors import KnowledgeError
from domain.speech import HotWord


def written(folder: Path, text: str) -> Path:
    file = folder / "hot_words.txt"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_sample_citys_places_departments_and_policies_are_known() -> None:
    words = {word.word for word in city_words(AssistSettings())}
    assert {"青石街道", "锦绣花园", "云江市政务服务中心", "市住房公积金管理中心", "住房公积金管理中心"} <= words
    assert {"住房公积金提取细则", "随迁子女", "教育局"} <= words
    assert all(2 <= len(word) <= 12 for word in words)


def test_the_operators_words_and_weights_come_on_top(tmp_path: Path) -> None:
    file = written(tmp_path, "\ufeff# ours\n碧水湾 2.5\n\n青石街道 0   # wrong too often\n")
    settings = AssistSettings(hot_words=file)
    words = {word.word: word.weight for word in city_words(settings)}
    assert (words["碧水湾"], words["青石街道"], words["望江街道"]) == (2.5, 0.0, 1.0)
    assert file in city_files(settings)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("路", "no hot word"),
        ("5号线", "numbers as they are said"),
        ("甲" * 13, "2 to 12"),
        ("望江路 多", "the weight '多'"),
        ("望江路 -1", "from 0"),
        ("望江路 9", "to 3"),
        ("望江路 nan", "the weight"),
        ("望江路 1 2", "more than a word and a weight"),
        ("碧水湾", "stands twice"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(tmp_path: Path, line: str, message: str) -> None:
    file = written(tmp_path, f"碧水湾\n{line}\n")
    with pytest.raises(KnowledgeError, match=message) as refused:
        read_hot_words(file)
    assert refused.value.where == f"{file}:2"


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="cannot read"):
        read_hot_words(tmp_path / "none.txt")
    (tmp_path / "gbk.txt").write_bytes("望江路".encode("gbk"))
    with pytest.raises(KnowledgeError, match="UTF-8"):
        read_hot_words(tmp_path / "gbk.txt")


def test_more_words_than_a_message_holds_are_refused(tmp_path: Path) -> None:
    signs = [chr(0x4E00 + number) for number in range(150)]
    file = written(tmp_path, "\n".join(one + other for one in signs for other in signs))
    with pytest.raises(KnowledgeError, match=r"22\d+ hot words.*keep to 20000"):
        city_words(AssistSettings(hot_words=file))
    assert HotWord("一丁") in read_hot_words(file)
