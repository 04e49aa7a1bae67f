"""The section [queue] of hotline.toml."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.acd_rules import Strategy

_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_DAY_MINUTES = 24 * 60


def minutes_of(text: str) -> tuple[tuple[int, int], ...]:
    """'08:30-12:00, 13:30-17:30' as [from, to) in minutes of the day; "" is never. ValueError says what is wrong."""
    spans = []
    for part in (part.strip() for part in text.split(",") if part.strip()):
        found = _SPAN.fullmatch(part)
        if found is None:
            raise ValueError(f"'{part}' is no time of day: write 08:30-18:00, several separated by commas")
        begin_h, begin_m, end_h, end_m = (int(number) for number in found.groups())
        begin, end = begin_h * 60 + begin_m, end_h * 60 + end_m
        if begin_m > 59 or end_m > 59 or not begin < end <= _DAY_MINUTES:
            raise ValueError(f"'{part}' is no span of one day: the first time must be before the second")
        spans.append((begin, end))
    return tuple(spans)


def _checked(text: str) -> str:
    minutes_of(text)
    return text


TimesOfDay = Annotated[str, AfterValidator(_checked)]
_STRICT = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class OverflowSettings(BaseModel):
    """After after_s in the queue, agents who serve the queue `to` may take its calls as well; "" is everybody."""

    model_config = _STRICT

    after_s: float = Field(ge=0)
    to: str = ""


class QueueEntry(BaseModel):
    """One [[queue.queues]]."""

    model_config = _STRICT

    name: str = Field(min_length=1)
    skill: str = ""
    level: int = Field(1, ge=1, le=9)
    priority: int = Field(0, ge=0, le=9)
    strategy: Strategy = Strategy.LONGEST_IDLE
    overflow: tuple[OverflowSettings, ...] = ()
    max_wait_s: float = Field(0, ge=0)
    open_workdays: TimesOfDay = "00:00-24:00"
    open_restdays: TimesOfDay = "00:00-24:00"
    closed_to: str = ""
    wrap_up_limit_s: float | None = Field(None, ge=0)
    callback: bool = True


class LineEntry(BaseModel):
    """One [[queue.lines]]."""

    model_config = _STRICT

    name: str = Field(min_length=1)
    called: tuple[str, ...] = ()
    callers: tuple[str, ...] = ()
    callers_file: Path | None = None
    priority: int = Field(0, ge=0, le=99)
    emergency: bool = False
    queue: str = ""


class QueueSettings(BaseModel):
    model_config = _STRICT

    ring_timeout_s: float = Field(15.0, gt=0)
    """How long a call rings at an agent before it goes to the next one, and the agent to 小休."""

    wrap_up_limit_s: float = Field(0.0, ge=0)
    """After so long 话后 ends by itself; 0 leaves it to the agent."""

    announce_every_s: float = Field(20.0, gt=0)
    """A waiting caller hears a changed place at most so often."""

    lost_after_s: float = Field(30.0, gt=0)
    """A waiting call whose switch does not answer for so long counts as gone."""

    ageing_s: float = Field(120.0, ge=0)
    """So much waiting makes up for one level of priority; 0: none does."""

    repeat_priority: int = Field(1, ge=0, le=9)
    """Levels of priority of a caller who was in the queue within a day."""

    redial_within_s: float = Field(300.0, ge=0)
    """Whoever left the queue (or lost the line) and calls again within this time has the old place."""

    callback: bool = True
    """Offer to call back those who wait; they keep their place. Not where sip.conf has no trunk that dials out."""

    callback_after_s: float = Field(60.0, ge=0)
    """After so much waiting."""

    callback_tries: int = Field(3, ge=1, le=10)
    callback_retry_s: float = Field(600.0, gt=0)
    """A citizen who does not answer is called again after so long, so often in all."""

    callback_hours: TimesOfDay = "08:00-21:00"
    """Nobody is called back at other times of the day."""

    calendar: Path | None = None
    """Workdays and days of rest that differ from Monday to Friday (调休); empty: those of 2026 that come with it."""

    queues: tuple[QueueEntry, ...] = ()
    """[[queue.queues]]: name; skill and level (who serves it; no skill: everybody); priority; strategy (longest_idle,
    least_occupied, most_skilled); overflow = [{after_s = 30, to = "other queue"}]; max_wait_s; open_workdays and
    open_restdays ("08:30-12:00, 13:30-17:30"); closed_to (another queue); wrap_up_limit_s; callback.
    See docs/queue.md."""

    lines: tuple[LineEntry, ...] = ()
    """[[queue.lines]]: name; called and callers (numbers, or beginnings such as "138*"); callers_file (one a line);
    priority; emergency (before all others); queue."""

    languages: dict[str, str] = {}
    """The queue of callers who are heard to speak another language, by its ISO 639-1 code: {en = "英语"}. It needs an
    overflow, so that nobody waits for one who speaks it for ever. Empty: the agent is told, and nobody is moved."""

    snapshot_every: int = Field(2000, ge=10)
    """Events of the queue's log after which a snapshot is put into it, so that a restart reads no more than these."""
