"""The three clocks of the 15-second standard (GB/T 33358-2016), since sources differ on when it starts.

ring → person: INVITE received, until agent and caller hear each other; menu end → person: the last prompt or input
of the menu ended; queue → person: the queue was entered. docs/metrics.md has the formulas.
"""

from collections.abc import Iterable

import msgspec

from domain.call import CallAnswered, CallArrived, CallConnected, CallEnded, CallEvent, CallPlaced, CallQueued


class CallTimes(msgspec.Struct, frozen=True, kw_only=True):
    """When a call came to what. Wall clock (Unix, ms), None where it has not. First of each kind counts."""

    arrived_at_ms: int | None = None
    answered_at_ms: int | None = None
    menu_ended_at_ms: int | None = None
    queued_at_ms: int | None = None
    connected_at_ms: int | None = None
    ended_at_ms: int | None = None


class Clocks(msgspec.Struct, frozen=True, kw_only=True):
    """How long the caller waited for a person, in ms; None until connected."""

    ring_to_person_ms: int | None = None
    menu_end_to_person_ms: int | None = None
    queue_to_person_ms: int | None = None


def call_times(events: Iterable[CallEvent]) -> CallTimes:
    """The times that a call's events tell, in whatever order they come.

    A call that we placed is nobody who waits: it has no time of queueing, wherever it is transferred to.
    """
    times = CallTimes()
    ours = False
    for event in sorted(events, key=lambda event: event.number):
        match event:
            case CallPlaced():
                ours = True
            case CallArrived() if times.arrived_at_ms is None:
                times = msgspec.structs.replace(times, arrived_at_ms=event.at_ms)
            case CallAnswered() if times.answered_at_ms is None:
                times = msgspec.structs.replace(times, answered_at_ms=event.at_ms)
            case CallQueued() if times.queued_at_ms is None and not ours:
                times = msgspec.structs.replace(
                    times, queued_at_ms=event.at_ms, menu_ended_at_ms=event.menu_ended_at_ms
                )
            case CallConnected() if times.connected_at_ms is None:
                times = msgspec.structs.replace(times, connected_at_ms=event.at_ms)
            case CallEnded() if times.ended_at_ms is None:
                times = msgspec.structs.replace(times, ended_at_ms=event.at_ms)
            case _:
                pass
    return times


def clocks(times: CallTimes) -> Clocks:
    """The three clocks. A clock that was set back during the call reads 0, never less."""
    return Clocks(
        ring_to_person_ms=_between(times.arrived_at_ms, times.connected_at_ms),
        menu_end_to_person_ms=_between(times.menu_ended_at_ms, times.connected_at_ms),
        queue_to_person_ms=_between(times.queued_at_ms, times.connected_at_ms),
    )


def _between(start_ms: int | None, end_ms: int | None) -> int | None:
    return None if start_ms is None or end_ms is None else max(0, end_ms - start_ms)
