"""Numbers in digits: real messages of citizens, read aloud by wetext and written down again, beside themselves.

python -m bench.written_form [--data FOLDER] [--seconds 120] [--part tuned|kept]

A message's clauses with digits are made speakable (tts.normalise), their punctuation is taken away, and our rules and
wetext's inverse grammar write the numbers again. A number that a rule wrote is right when it stands so in the message,
free when the message has the same number in words
or in another form (20000 for 2万), and wrong else; a number of the message is found when it was written so. The rules
were looked at with one half of the messages (tuned) in hand; the other one (kept) is what counts.
"""

import argparse
import csv
import gzip
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from asr.kept_words import KeptWords
from asr.written_form import written_form
from bench.figure import Figure, report
from tts.normalise import speakable

_DATA = Path(__file__).parents[2] / "shared" / "data" / "text"
_MESSAGES = {
    "answered_messages.csv.gz": ("留言主题", "留言详情"),
    "hot_messages.csv.gz": ("留言主题", "留言详情"),
    "river_tickets.csv.gz": ("标题", "投诉件内容"),
}
_CLAUSE = re.compile(r"[，。！？；、,!?;\s“”\"（）()《》【】…]+")
_SAID_ALOUD = re.compile(r"[\u4e00-\u9fff0-9.%]{4,60}")
_NUMBER = re.compile(r"\d+(?:\.\d+)?[%千万亿]?")
_DATE = re.compile(r"\d\.\d+\.\d")
_IN_WORDS = re.compile("[零〇一二两三四五六七八九十百千万亿幺点分之]*")
_SCALES = {"千": 1e3, "万": 1e4, "亿": 1e8}
_PEER = "wetext"
Write = Callable[[str], str]


@dataclass
class Score:
    """Of what was written in digits: right, wrong, free (above); found: of the message's own numbers."""

    right: int = 0
    wrong: int = 0
    free: int = 0
    found: int = 0
    numbers: int = 0
    examples: tuple[str, ...] = ()

    def add(self, message: str, written: str) -> None:
        """message: as the citizen wrote it, without marks; written: what was made of its reading."""
        self.numbers += len(_NUMBER.findall(message))
        beside = _places(written, message)
        for number in _NUMBER.finditer(written):
            original = message[beside[number.start()] : beside[number.end()]]
            if original == number[0]:
                self.right, self.found = self.right + 1, self.found + 1
            elif _IN_WORDS.fullmatch(original) or _value(original) == _value(number[0]):
                self.free += 1
            else:
                self.wrong += 1
                self.examples = (*self.examples, f"{message} | {written} | {original}")

    def figures(self, name: str) -> tuple[float, float]:
        return 100 * self.right / max(1, self.right + self.wrong), 100 * self.found / max(1, self.numbers)


def _value(number: str) -> float:
    """nan for what is no number."""
    scale = _SCALES.get(number[-1:], 1.0)
    try:
        return float(number.rstrip("%千万亿")) * scale
    except ValueError:
        return float("nan")


def _places(text: str, other: str) -> list[int]:
    """For each place between characters of `text` the one in `other` that stands beside it."""
    places = [0] * (len(text) + 1)
    for block in Levenshtein.opcodes(text, other):
        for at in range(block.src_start, block.src_end):
            places[at] = block.dest_start + (at - block.src_start if block.tag == "equal" else 0)
        places[block.src_end] = block.dest_end
    return places


def clauses(folder: Path, part: str) -> Iterator[str]:
    """The messages' clauses with digits in them, half-width, of every second message."""
    seen: set[str] = set()
    for file, columns in _MESSAGES.items():
        with gzip.open(folder / file, "rt", encoding="utf-8") as lines:
            for number, row in enumerate(csv.DictReader(lines)):
                if number % 2 == (part == "kept"):
                    continue
                text = unicodedata.normalize("NFKC", " ".join(row[column] or "" for column in columns))
                for clause in _CLAUSE.split(text):
                    if not _SAID_ALOUD.fullmatch(clause) or _DATE.search(clause):
                        continue
                    if _NUMBER.search(clause) and clause not in seen:
                        seen.add(clause)
                        yield clause


def wetext_writer() -> Write:
    from wetext import Normalizer

    grammar = Normalizer(lang="zh", operator="itn")
    return lambda spoken: str(grammar.normalize(spoken))


def run(folder: Path, part: str, seconds: float) -> list[Figure]:
    kept = KeptWords()
    writers: dict[str, Write] = {"ours": lambda spoken: written_form(spoken, kept).text, _PEER: wetext_writer()}
    scores, took_s = {name: Score() for name in writers}, dict.fromkeys(writers, 0.0)
    end_s, count = time.monotonic() + seconds, 0
    for clause in clauses(folder, part):
        spoken = speakable(clause).translate({ord(mark): None for mark in "，。！？；：、"})
        count += 1
        for name, write in writers.items():
            began_s = time.perf_counter()
            written = write(spoken)
            took_s[name] += time.perf_counter() - began_s
            scores[name].add(clause, written)
        if time.monotonic() > end_s:
            break
    for name, score in scores.items():
        precision, recall = score.figures(name)
        print(
            f"{name}: {count} clauses, {score.numbers} numbers: {score.right} right, {score.wrong} wrong, "
            f"{score.free} in another form in the message; precision {precision:.1f} %, recall {recall:.1f} %, "
            f"{1e6 * took_s[name] / max(1, count):.0f} µs a clause"
        )
    ours, peer = scores["ours"].figures("ours"), scores[_PEER].figures(_PEER)
    return [
        Figure("written_precision", ours[0], "%", 98.0, "higher", _PEER, peer[0]),
        Figure("written_recall", ours[1], "%", None, "higher", _PEER, peer[1]),
        Figure("written_us", 1e6 * took_s["ours"] / max(1, count), "µs", None, "lower", _PEER, None),
    ]


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m bench.written_form", description=__doc__)
    arguments.add_argument("--data", type=Path, default=_DATA, help="folder with the messages")
    arguments.add_argument("--seconds", type=float, default=120.0)
    arguments.add_argument("--part", choices=["tuned", "kept"], default="kept")
    given = arguments.parse_args()
    return report(run(given.data, given.part, given.seconds))


if __name__ == "__main__":
    raise SystemExit(main())
