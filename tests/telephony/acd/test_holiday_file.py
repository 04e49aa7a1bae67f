"""The calendar of workdays: the State Council's of 2026, and what is wrong in a file."""

from datetime import date
from pathlib import Path

import pytest

from domain.errors import ConfigError
from telephony.acd.holiday_file import BUILT_IN, read_holidays
from telephony.acd.hours import is_workday


def test_the_calendar_of_2026() -> None:
    days = read_holidays(BUILT_IN)
    assert sum(not works for works in days.values()) == 33
    for text, works in (
        ("2026-01-04", True),
        ("2026-02-14", True),
        ("2026-02-16", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-05-09", True),
        ("2026-06-19", False),
        ("2026-09-20", True),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),
        ("2026-10-11", False),
    ):
        assert is_workday(date.fromisoformat(text), days) is works, text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2026-13-01 休", "'2026-13-01' is no date"),
        ("2026-05-01 假", "not 'date 休|班 name'"),
        ("2026-05-01", "not 'date 休|班 name'"),
        ("2026-05-05..2026-05-01 休 劳动节", "no row of days"),
        ("2026-05-01..2027-05-05 休 劳动节", "no row of days"),
        ("2026-05-06 班 劳动节", "2026-05-06 is a workday anyway"),
        ("2026-05-03 休 劳动节", "2026-05-03 stands twice"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    file = tmp_path / "days.txt"
    file.write_text(f"# 2026\n2026-05-01..2026-05-04 休 劳动节\n\n{line}\n", encoding="utf-8")
    if "twice" not in words and "stands" not in words:
        file.write_text(f"# 2026\n\n\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_holidays(file)
    assert f"{file}:4" in str(caught.value)
    assert words in str(caught.value)


def test_a_calendar_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the calendar"):
        read_holidays(tmp_path / "none.txt")
