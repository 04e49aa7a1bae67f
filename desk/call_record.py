"""One call's row, folded from its events. Pure."""

from collections.abc import Sequence

import msgspec

from domain.agent import AgentOffer, AgentStatus
from domain.call import (
    AgentOffered,
    CallArrived,
    CallConnected,
    CallEnded,
    CallEvent,
    CallQueued,
    OfferEnded,
    OfferOutcome,
    RecordingFinished,
)
from service_level.clocks import CallTimes, call_times
from storage.calls import CallRow, CallStatus, RecordingRow


def fold(events: Sequence[CallEvent]) -> CallRow:
    """The row of a call. events: of one call, at least one, in any order, gaps allowed."""
    ordered = sorted(events, key=lambda event: event.number)
    times = call_times(ordered)
    # A call whose first event is still to come is dated by the first that is there, so that it is listed at all.
    arrived_at_ms = ordered[0].at_ms if times.arrived_at_ms is None else times.arrived_at_ms
    row = CallRow(
        call_id=ordered[0].call_id,
        arrived_at_ms=arrived_at_ms,
        answered_at_ms=times.answered_at_ms,
        menu_ended_at_ms=times.menu_ended_at_ms,
        queued_at_ms=times.queued_at_ms,
        connected_at_ms=times.connected_at_ms,
        ended_at_ms=times.ended_at_ms,
    )
    offer = ""
    for event in ordered:
        row, offer = _step(row, offer, event)
    return row


def offer_of(events: Sequence[CallEvent], ringing: AgentStatus) -> AgentOffer:
    """What rings at the agent, from the call's events so far; expires_at_ms 0: nobody has told."""
    queued = next((event for event in reversed(events) if isinstance(event, CallQueued)), None)
    offered = next((event for event in reversed(events) if isinstance(event, AgentOffered)), None)
    mine = offered is not None and offered.agent_id == ringing.agent_id
    return AgentOffer(
        agent_id=ringing.agent_id,
        offer_id=offered.offer_id if offered is not None and mine else "",
        call_id=ringing.call_id,
        queue=queued.queue if queued is not None else "",
        waited_ms=max(0, ringing.since_ms - queued.at_ms) if queued is not None else 0,
        expires_at_ms=0,
    )


def times_of(row: CallRow) -> CallTimes:
    """The row's times, for the clocks and the day's numbers."""
    return CallTimes(**{name: getattr(row, name) for name in CallTimes.__struct_fields__})


def _step(row: CallRow, offer: str, event: CallEvent) -> tuple[CallRow, str]:
    """The row and the offer that rings, after one more event."""
    change = msgspec.structs.replace
    match event:
        case CallArrived():
            row = change(
                row,
                caller_number=_plain(event.caller_number),
                called_number=_plain(event.called_number),
                trunk=_plain(event.trunk),
            )
        case CallQueued() if row.status is not CallStatus.ENDED:
            row = change(row, status=CallStatus.WAITING, agent_id="")
        case AgentOffered() if row.status in (CallStatus.IVR, CallStatus.WAITING, CallStatus.RINGING):
            row, offer = change(row, status=CallStatus.RINGING, agent_id=event.agent_id), event.offer_id
        case OfferEnded() if event.offer_id == offer and event.outcome is not OfferOutcome.ANSWERED:
            if row.status is CallStatus.RINGING:
                row = change(row, status=CallStatus.WAITING, agent_id="")
            offer = ""
        case CallConnected() if row.status is not CallStatus.ENDED:
            row = change(row, status=CallStatus.TALKING, agent_id=event.agent_id)
        case CallEnded():
            agent_id = row.agent_id if row.status is CallStatus.TALKING else ""
            row = change(
                row,
                status=CallStatus.ENDED,
                agent_id=agent_id,
                ended_by=event.by.value,
                end_cause=_plain(event.cause),
            )
        case RecordingFinished():
            recording = RecordingRow(
                path=event.path,
                duration_ms=event.duration_ms,
                sha256=event.sha256,
                finished_at_ms=event.at_ms,
            )
            row = change(row, recording=recording)
        case _:
            pass
    return row, offer


def _plain(text: str) -> str:
    """Without the one character that PostgreSQL cannot hold; callers' telephones send what they like."""
    return text.replace("\x00", "")
