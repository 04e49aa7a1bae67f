"""What the bench of numbers in digits counts."""

import csv
import gzip
from pathlib import Path

import pytest

from bench.written_form import Score, clauses, run


@pytest.mark.parametrize(
    ("message", "written", "counts"),
    [
        ("停水3天了", "停水3天了", (1, 0, 0, 1)),
        ("停水3天了", "停水三天了", (0, 0, 0, 1)),
        ("三元桥停水3天", "3元桥停水3天", (1, 0, 1, 1)),
        ("补贴20000元", "补贴2万元", (0, 0, 1, 1)),
        ("住18号楼3单元", "住13号楼3单元", (1, 1, 0, 2)),
        ("涨了15%", "涨了15%", (1, 0, 0, 1)),
    ],
)
def test_a_number_is_right_wrong_or_free(message: str, written: str, counts: tuple[int, int, int, int]) -> None:
    score = Score()
    score.add(message, written)
    assert (score.right, score.wrong, score.free, score.numbers) == counts


def test_every_second_message_is_kept_and_read_again(tmp_path: Path) -> None:
    for name, columns in {
        "answered_messages.csv.gz": ("留言主题", "留言详情"),
        "hot_messages.csv.gz": ("留言主题", "留言详情"),
        "river_tickets.csv.gz": ("标题", "投诉件内容"),
    }.items():
        with gzip.open(tmp_path / name, "wt", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            if name.startswith("hot"):
                writer.writerow(("小区停水15天", "物业没有答复，每户交了350元"))
                writer.writerow(("路灯坏了", "从2019年3月开始，一直没有修"))
    assert list(clauses(tmp_path, "tuned")) == ["从2019年3月开始"]
    assert list(clauses(tmp_path, "kept")) == ["小区停水15天", "每户交了350元"]
    figures = {figure.figure: figure for figure in run(tmp_path, "tuned", 30.0)}
    assert (figures["written_precision"].value, figures["written_recall"].value) == (100.0, 100.0)
