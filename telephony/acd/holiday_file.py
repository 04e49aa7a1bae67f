"""The calendar of workdays and days of rest (调休), as the State Council announces it each year.

One line for each day or row of days, `#` begins a remark:

    2026-02-15..2026-02-23  休  春节
    2026-02-14              班  春节

休 is a day of rest, 班 a weekend day on which people work. What no line names follows the week.
"""

from datetime import date, timedelta
from pathlib import Path

from domain.errors import ConfigError

BUILT_IN = Path(__file__).with_name("holidays_2026.txt")
_WORKS = {"班": True, "休": False}
_SATURDAY = 5
_LONGEST_DAYS = 30


def read_holidays(file: Path) -> dict[str, bool]:
    """By date (ISO) whether people work. ConfigError names file, line and what to do."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"cannot read the calendar ({error})", where=str(file), remedy="name a text file in UTF-8"
        ) from error
    days: dict[str, bool] = {}
    named_at: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        content = line.partition("#")[0].split()
        if not content:
            continue
        where = f"{file}:{number}"
        for day, works in _read_line(content, where):
            if day in days:
                remedy = f"line {named_at[day]} names it already: keep one of the two"
                raise ConfigError(f"{day} stands twice", where=where, remedy=remedy)
            days[day], named_at[day] = works, number
    return days


def _read_line(content: list[str], where: str) -> list[tuple[str, bool]]:
    if len(content) < 2 or content[1] not in _WORKS:
        raise ConfigError(
            "not 'date 休|班 name'", where=where, remedy="write for example: 2026-05-01..2026-05-05 休 劳动节"
        )
    works = _WORKS[content[1]]
    first_text, _, last_text = content[0].partition("..")
    first = _date(first_text, where)
    last = _date(last_text, where) if last_text else first
    if not first <= last < first + timedelta(_LONGEST_DAYS):
        raise ConfigError(
            f"{content[0]} is no row of days",
            where=where,
            remedy="write the first day before the last, a month at most",
        )
    row = [first + timedelta(number) for number in range((last - first).days + 1)]
    for day in row:
        if works and day.weekday() < _SATURDAY:
            remedy = "only a Saturday or Sunday is made a workday: is the date right?"
            raise ConfigError(f"{day} is a workday anyway", where=where, remedy=remedy)
    return [(day.isoformat(), works) for day in row]


def _date(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"'{text}' is no date", where=where, remedy="write 2026-05-01") from error
