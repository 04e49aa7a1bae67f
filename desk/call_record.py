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
    CallPlaced,
    CallQueued,
    DialBecause,
    OfferEnded,
    RecordingFinished,
)
from domain.talk import AgentLeft, CallFellSilent, CallSilenceEnded, TalkChanged, TalkPhase, ThirdAnswered
from domain.target import OfferOutcome
from service_level.clocks import CallTimes, call_times
from storage.calls import CallDirection, CallRow, CallStatus, RecordingRow, TalkRow


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
        case CallPlaced():
            row = change(
                row,
                caller_number=_plain(event.citizen_number),
                called_number=_plain(event.shown_number),
                direction=CallDirection.OUT,
                agent_id=event.agent_id,
                # The agent's own telephone is not offered what it has dialled.
                status=CallStatus.RINGING if event.because is DialBecause.PHONE else row.status,
            )
        case CallQueued() if row.status is not CallStatus.ENDED:
            row = change(row, status=CallStatus.WAITING, agent_id="")
        case AgentOffered() if row.status in (CallStatus.IVR, CallStatus.WAITING, CallStatus.RINGING):
            row, offer = change(row, status=CallStatus.RINGING, agent_id=event.agent_id), event.offer_id
        case OfferEnded() if event.offer_id == offer and event.outcome is not OfferOutcome.ANSWERED:
            if row.status is CallStatus.RINGING and row.direction is CallDirection.IN:
                row = change(row, status=CallStatus.WAITING, agent_id="")
            offer = ""
        case CallConnected() if row.status is not CallStatus.ENDED:
            row = _with_agent(change(row, status=CallStatus.TALKING, agent_id=event.agent_id), event.agent_id)
        case CallEnded():
            row = _ended(row, event)
        case RecordingFinished():
            row = change(row, recording=_recording(event))
        case _:
            row = _change_hands(row, event)
    return row, offer


def _ended(row: CallRow, event: CallEnded) -> CallRow:
    """The call stays with the last agent who had it: its wrap-up is theirs. One nobody answered is nobody's."""
    had = row.status is CallStatus.TALKING or row.direction is CallDirection.OUT
    return msgspec.structs.replace(
        row,
        talk=None,
        status=CallStatus.ENDED,
        agent_id=(row.agent_id or "".join(row.agents[-1:])) if had else "",
        ended_by=event.by.value,
        end_cause=_plain(event.cause),
    )


def _recording(event: RecordingFinished) -> RecordingRow:
    return RecordingRow(path=event.path, duration_ms=event.duration_ms, sha256=event.sha256, finished_at_ms=event.at_ms)


def _change_hands(row: CallRow, event: CallEvent) -> CallRow:
    """What people do with the call while they talk."""
    match event:
        case ThirdAnswered(target=target) if target.agent_id:
            return _with_agent(row, target.agent_id)
        case AgentLeft(agent_id=agent_id) if agent_id == row.agent_id:
            return msgspec.structs.replace(row, agent_id="")
        case TalkChanged() if row.status is not CallStatus.ENDED:
            return msgspec.structs.replace(row, talk=_talk(event, row.talk))
        case CallFellSilent(since_at_ms=since_ms, side=side) if row.talk is not None:
            talk = msgspec.structs.replace(row.talk, silent_since_ms=since_ms, silent_side=side)
            return msgspec.structs.replace(row, talk=talk)
        case CallSilenceEnded() if row.talk is not None:
            talk = msgspec.structs.replace(row.talk, silent_since_ms=None, silent_side=None)
            return msgspec.structs.replace(row, talk=talk)
        case _:
            return row


def _with_agent(row: CallRow, agent_id: str) -> CallRow:
    return row if agent_id in row.agents else msgspec.structs.replace(row, agents=(*row.agents, agent_id))


def _talk(event: TalkChanged, before: TalkRow | None) -> TalkRow | None:
    """A silence goes on while the phase is the same (a leader who listens breaks none)."""
    if event.phase is TalkPhase.ALONE:
        return None
    lasting = before if before is not None and before.phase is event.phase else None
    return TalkRow(
        phase=event.phase,
        muted=event.muted,
        third=event.third,
        leader_id=event.leader_id,
        supervision=event.supervision,
        silent_since_ms=lasting.silent_since_ms if lasting else None,
        silent_side=lasting.silent_side if lasting else None,
    )


def _plain(text: str) -> str:
    """Without the one character that PostgreSQL cannot hold; callers' telephones send what they like."""
    return text.replace("\x00", "")
