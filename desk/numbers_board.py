"""The numbers of the day, kept in memory so that a page gets them at once however many calls there were."""

from bisect import insort

import msgspec

from desk.call_record import times_of
from desk.services import DeskServices
from domain.agent import AgentStatus
from service_level.clocks import CallTimes
from service_level.numbers import DAY_MS, Formula, Numbers, day_numbers
from storage import agents, calls
from storage.agents import StateChange
from storage.calls import CallRow

FRESH_MS = 1000
_KEPT_MS = 2 * DAY_MS


class NumbersBoard:
    """Call times and agents' states of the last two days."""

    def __init__(self, services: DeskServices) -> None:
        self._services = services
        self._calls: dict[str, CallTimes] = {}
        self._changes: list[StateChange] = []
        self._numbers = Numbers(reported_clock=services.service_level.reported_clock)
        self._computed_at_ms: int | None = None

    async def load(self) -> None:
        """Begin with what the database knows."""
        since_ms = self._services.now_ms() - _KEPT_MS
        async with self._services.database.read() as tx:
            self._calls = {row.call_id: times_of(row) for row in await calls.queued_since(tx, since_ms)}
            self._changes = await agents.changes_since(tx, since_ms)
        self._computed_at_ms = None

    def put_call(self, row: CallRow) -> None:
        if row.queued_at_ms is not None:
            self._calls[row.call_id] = times_of(row)

    def put_agent(self, status: AgentStatus) -> None:
        change = StateChange(status.agent_id, status.since_ms, status.state)
        if change not in self._changes[-1000:]:
            insort(self._changes, change, key=lambda each: each.since_ms)

    def numbers(self) -> Numbers:
        """As of now, at most a second old."""
        now_ms = self._services.now_ms()
        if self._computed_at_ms is None or not 0 <= now_ms - self._computed_at_ms < FRESH_MS:
            self._forget(now_ms - _KEPT_MS)
            self._numbers = self._compute(now_ms)
            self._computed_at_ms = now_ms
        return self._numbers

    def _compute(self, now_ms: int) -> Numbers:
        settings = self._services.service_level
        numbers = day_numbers(
            self._calls.values(),
            self._changes,
            now_ms=now_ms,
            utc_offset_hours=settings.utc_offset_hours,
            formula=Formula(settings.formula),
            threshold_ms=settings.threshold_ms,
            short_abandon_ms=settings.short_abandon_ms,
        )
        return msgspec.structs.replace(numbers, reported_clock=settings.reported_clock)

    def _forget(self, before_ms: int) -> None:
        self._calls = {key: times for key, times in self._calls.items() if (times.queued_at_ms or 0) >= before_ms}
        self._changes = [change for change in self._changes if change.since_ms >= before_ms]
