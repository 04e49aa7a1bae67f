"""What the bench of question marks reads and counts."""

import csv
import gzip
from pathlib import Path

from bench.punctuation import run, sentences


def messages(folder: Path, *texts: str) -> Path:
    for name, column in {
        "answered_messages.csv.gz": "留言详情",
        "hot_messages.csv.gz": "留言详情",
        "river_tickets.csv.gz": "投诉件内容",
    }.items():
        with gzip.open(folder / name, "wt", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([column])
            writer.writerows([text] for text in texts if name.startswith("hot"))
    return folder


def test_sentences_come_once_with_their_marks(tmp_path: Path) -> None:
    folder = messages(tmp_path, "路灯坏了。什么时候来修？路灯坏了。", "能修吗?")
    assert list(sentences(folder, "tuned")) == [("路灯坏了", "。"), ("什么时候来修", "？")]
    assert list(sentences(folder, "kept")) == [("能修吗", "？")]


def test_a_missed_and_a_needless_mark_count(tmp_path: Path) -> None:
    folder = messages(tmp_path, "路灯坏了？这个怎么办。能不能修？我等着。")
    precision, recall = (figure.value for figure in run(folder, "tuned"))
    assert (precision, recall) == (50.0, 50.0)
