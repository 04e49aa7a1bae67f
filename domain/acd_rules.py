"""The rules by which the queue (ACD) decides. They stand in its log, so that what was decided can be replayed.

All times are ms; times of day are minutes since midnight on the hotline's clock.
"""

from enum import StrEnum

import msgspec


class Strategy(StrEnum):
    """Which of the free agents who may take a call gets it: 空闲最久, 占用率最低, 技能最高."""

    LONGEST_IDLE = "longest_idle"
    LEAST_OCCUPIED = "least_occupied"
    MOST_SKILLED = "most_skilled"


class Overflow(msgspec.Struct, frozen=True, kw_only=True):
    """After so long in a queue, the agents of queue `to` may take the call as well; "" is everybody."""

    after_ms: int
    to: str


class OpenHours(msgspec.Struct, frozen=True, kw_only=True):
    """When a queue takes new calls: [from, to) in minutes of the day, on workdays and on days of rest."""

    workdays: tuple[tuple[int, int], ...] = ((0, 1440),)
    restdays: tuple[tuple[int, int], ...] = ((0, 1440),)


ALWAYS = OpenHours()


class QueueRules(msgspec.Struct, frozen=True, kw_only=True):
    """One queue. skill, level: who serves it; an empty skill is everybody.

    priority: levels that its callers have over others. overflow: by rising after_ms. max_wait_ms: 0 for no limit.
    closed_to: the queue that takes a caller outside `hours`; "" tells them that it is closed. wrap_up_limit_ms: None
    takes the general one.
    """

    skill: str = ""
    level: int = 1
    priority: int = 0
    strategy: Strategy = Strategy.LONGEST_IDLE
    overflow: tuple[Overflow, ...] = ()
    max_wait_ms: int = 0
    hours: OpenHours = ALWAYS
    closed_to: str = ""
    wrap_up_limit_ms: int | None = None
    callback: bool = True


DEFAULT_QUEUE = "default"
"""The queue that is there without being named in the rules."""
_DEFAULT_RULES = QueueRules()

UNKNOWN_QUEUE = QueueRules(overflow=(Overflow(after_ms=60_000, to=""),))
"""A queue that the rules do not name is served by agents who named it when they signed in, after a minute by all."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Calls that are more than others, by the number called or by who calls; a number that ends in * is a beginning.

    emergency: before every call that is none, however long that one waits. queue: "" leaves the call where it came to.
    """

    name: str
    called: tuple[str, ...] = ()
    callers: tuple[str, ...] = ()
    priority: int = 0
    emergency: bool = False
    queue: str = ""


class AcdRules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of all queues.

    ring_grace_ms: how much later than the switch the queue itself gives an offer up. wrap_up_limit_ms: 0 lets the agent
    decide. retry_ms: after an offer that failed without anybody's fault. lost_after_ms: how long a switch may be silent
    before its waiting call counts as gone. phone_grace_ms: how late a phone's registration may be refreshed.

    ageing_ms: the waiting that one level of priority is worth; 0: no waiting makes up for priority. repeat_priority:
    levels for a caller who was in the queue within a day. redial_ms: within it a caller who comes back has the old
    place. callback…: offered to one who has waited callback_after_ms (None: never); the call that was not answered is
    tried again after callback_retry_ms, callback_tries times in all. days: dates (ISO) that are a workday (True) or a
    day of rest against the week's rule. utc_offset_ms: of the hotline's clock. languages: by ISO 639-1 code the queue
    of those who speak it.
    """

    ring_timeout_ms: int = 15_000
    ring_grace_ms: int = 3_000
    wrap_up_limit_ms: int = 0
    announce_every_ms: int = 20_000
    retry_ms: int = 500
    lost_after_ms: int = 30_000
    probe_every_ms: int = 2_000
    phone_grace_ms: int = 2_000
    ageing_ms: int = 120_000
    repeat_priority: int = 1
    redial_ms: int = 300_000
    callback_after_ms: int | None = 60_000
    callback_tries: int = 3
    callback_retry_ms: int = 600_000
    callback_dial_ms: int = 60_000
    callback_hours: OpenHours = OpenHours(workdays=((480, 1260),), restdays=((480, 1260),))
    queues: dict[str, QueueRules] = {}
    lines: tuple[Line, ...] = ()
    days: dict[str, bool] = {}
    utc_offset_ms: int = 28_800_000
    languages: dict[str, str] = {}

    def of(self, queue: str) -> QueueRules:
        return self.queues.get(queue) or (_DEFAULT_RULES if queue == DEFAULT_QUEUE else UNKNOWN_QUEUE)
