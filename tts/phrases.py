"""How the words of phrases.tsv are read: taught to the dictionaries of jieba and pypinyin, which misread them."""

from functools import cache
from pathlib import Path

from domain.errors import ConfigError

PHRASES_FILE = Path(__file__).with_name("phrases.tsv")
_WORD_FREQUENCY = 2_000_000
"""High enough that jieba keeps the word whole."""


def read_phrases(file: Path = PHRASES_FILE) -> dict[str, tuple[str, ...]]:
    """Word to its syllables; ConfigError names the line that is not 'word TAB one syllable a character'."""
    phrases: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        word, separator, pinyin = line.partition("\t")
        syllables = tuple(pinyin.split())
        if not separator or len(syllables) != len(word):
            raise ConfigError(
                f"'{word}' needs {len(word)} syllables, it has {len(syllables)}",
                where=f"{file}:{number}",
                remedy="write the word, a tab, and one syllable with its tone mark for each character",
            )
        phrases[word] = syllables
    return phrases


@cache
def teach_phrases() -> None:
    """Teach the list to this process's jieba and pypinyin, once."""
    import jieba
    import pypinyin

    jieba.setLogLevel("WARNING")
    phrases = read_phrases()
    pypinyin.load_phrases_dict({word: [[syllable] for syllable in said] for word, said in phrases.items()})
    for word in phrases:
        jieba.add_word(word, freq=_WORD_FREQUENCY)
