"""Opening hours by the day of the week, and the days that the State Council has moved (调休)."""

from datetime import UTC, date, datetime, timedelta

from domain.acd_rules import AcdRules, OpenHours

_DAY_MS = 86_400_000
_MINUTE_MS = 60_000
_DAYS_AHEAD = 30
"""Longer than any row of holidays."""


def is_workday(day: date, days: dict[str, bool]) -> bool:
    """Monday to Friday, unless the calendar says otherwise."""
    return days.get(day.isoformat(), day.weekday() < 5)


def is_open(hours: OpenHours, rules: AcdRules, at_ms: int) -> bool:
    """at_ms: Unix time."""
    day, minute = _local(rules, at_ms)
    return any(begin <= minute < end for begin, end in _spans(hours, rules, day))


def opens_at_ms(hours: OpenHours, rules: AcdRules, at_ms: int) -> int:
    """When it is open at the earliest (Unix time, ms), at_ms when it is; a day ahead when that is nowhere in sight."""
    first, minute = _local(rules, at_ms)
    if is_open(hours, rules, at_ms):
        return at_ms
    midnight_ms = (at_ms + rules.utc_offset_ms) // _DAY_MS * _DAY_MS - rules.utc_offset_ms
    for ahead in range(_DAYS_AHEAD):
        begins = [begin for begin, end in _spans(hours, rules, first + timedelta(ahead)) if begin < end]
        later = [begin for begin in begins if ahead or begin > minute]
        if later:
            return midnight_ms + ahead * _DAY_MS + min(later) * _MINUTE_MS
    return at_ms + _DAY_MS


def _spans(hours: OpenHours, rules: AcdRules, day: date) -> tuple[tuple[int, int], ...]:
    return hours.workdays if is_workday(day, rules.days) else hours.restdays


def _local(rules: AcdRules, at_ms: int) -> tuple[date, int]:
    """The hotline's date and the minute of its day."""
    local = datetime.fromtimestamp((at_ms + rules.utc_offset_ms) / 1000, UTC)
    return local.date(), local.hour * 60 + local.minute
