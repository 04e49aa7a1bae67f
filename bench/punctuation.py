"""Question marks: the rule for an utterance's end, on sentences that citizens ended with 。 or ？ themselves.

python -m bench.punctuation [--data FOLDER] [--part tuned|kept]

Citizens often end a question with 。, which counts as a mistake of the rule. The rule was looked at with one half of
the messages (tuned) in hand; the other one (kept) is what counts. Commas are not judged here: they need pauses.
"""

import argparse
import csv
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from asr.punctuation import final_mark
from bench.figure import Figure, report

_DATA = Path(__file__).parents[2] / "shared" / "data" / "text"
_MESSAGES = {
    "answered_messages.csv.gz": "留言详情",
    "hot_messages.csv.gz": "留言详情",
    "river_tickets.csv.gz": "投诉件内容",
}
_SENTENCE = re.compile(r"([^。！？!?\s]{3,60})([。？?])")


def sentences(folder: Path, part: str) -> Iterator[tuple[str, str]]:
    """(words, 。 or ？) of every second message, each once."""
    seen: set[str] = set()
    for file, column in _MESSAGES.items():
        with gzip.open(folder / file, "rt", encoding="utf-8") as lines:
            for number, row in enumerate(csv.DictReader(lines)):
                if number % 2 != (part == "kept"):
                    continue
                for words, mark in _SENTENCE.findall(row[column] or ""):
                    if words not in seen:
                        seen.add(words)
                        yield words, "。" if mark == "。" else "？"


def run(folder: Path, part: str) -> list[Figure]:
    counts = Counter((final_mark(words), mark) for words, mark in sentences(folder, part))
    right, asked, written = (
        counts["？", "？"],
        counts["？", "？"] + counts["。", "？"],
        counts["？", "？"] + counts["？", "。"],
    )
    print(f"{counts.total()} sentences, {asked} of them with ？; the rule gives {written} of them one, {right} rightly")
    return [
        Figure("question_mark_precision", 100 * right / max(1, written), "%", 85.0, "higher"),
        Figure("question_mark_recall", 100 * right / max(1, asked), "%", None, "higher"),
    ]


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m bench.punctuation", description=__doc__)
    arguments.add_argument("--data", type=Path, default=_DATA, help="folder with the messages")
    arguments.add_argument("--part", choices=["tuned", "kept"], default="kept")
    given = arguments.parse_args()
    return report(run(given.data, given.part))


if __name__ == "__main__":
    raise SystemExit(main())
