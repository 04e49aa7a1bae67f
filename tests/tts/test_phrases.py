from pathlib import Path

import pytest

from domain.errors import ConfigError
from tts.phrases import read_phrases, teach_phrases


def test_the_list_gives_one_syllable_for_each_character() -> None:
    phrases = read_phrases()
    assert phrases["重听"] == ("chóng", "tīng")
    assert all(len(word) == len(said) for word, said in phrases.items())


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "phrases.tsv"
    file.write_text("# list\n重听\tchóng\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"phrases\.tsv:2"):
        read_phrases(file)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sentence", "word", "said"),
    [
        ("重听请按星号键", "重听", ["chóng", "tīng"]),
        ("请您按时还款", "还款", ["huán", "kuǎn"]),
        ("差旅费如何报销", "差旅", ["chāi", "lǚ"]),
        ("便民热线", "便民", ["biàn", "mín"]),
        ("吵得我们睡不着觉", "睡不着觉", ["shuì", "bù", "zháo", "jiào"]),
        ("吵得我们睡不着觉", "吵得", ["chǎo", "de"]),
        ("老板不还钱", "还钱", ["huán", "qián"]),
    ],
)
def test_polyphones_are_read_as_taught(sentence: str, word: str, said: list[str]) -> None:
    import jieba
    from pypinyin import Style, lazy_pinyin

    teach_phrases()
    read: list[str] = [syllable for part in jieba.lcut(sentence) for syllable in lazy_pinyin(part, style=Style.TONE)]
    start = sentence.index(word)
    assert read[start : start + len(word)] == said
