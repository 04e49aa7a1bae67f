"""The switch: takes the calls that the SIP endpoint hands it, and ends them politely when it stops."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import structlog

from domain.call import CallEnded, EndedBy, RecordingFinished
from domain.colleague_call import ColleagueCallEnded
from domain.command import CommandReply, DialOut, SwitchCommand
from domain.errors import RefusedError, SipError
from domain.ids import new_id
from domain.ports import EventLog
from domain.privacy import mask_number
from domain.target import Target
from telephony.calls.call_session import CallSession
from telephony.calls.colleague_call import ColleagueCall
from telephony.calls.dialling import NUMBER, CallColleague, DialRefused, meant_by
from telephony.calls.journal import CallJournal, CallNote
from telephony.calls.switch_metrics import CALLS_ENDED, CALLS_REFUSED, CALLS_TOTAL, CALLS_UP
from telephony.calls.switch_parts import SwitchParts
from telephony.ports import InboundCall, LegEvents, MediaDescription, SipLeg
from telephony.sip.admission import EXTENSION

logger = structlog.get_logger()
_LOST = "the switch was lost"


class RefusedLeg:
    """LegEvents of a call that was refused: nobody is interested any more."""

    def on_progress(self, status: int, media: MediaDescription | None = None) -> None: ...

    def on_answered(self, media: MediaDescription) -> None: ...

    def on_media_changed(self, media: MediaDescription) -> None: ...

    def on_digit(self, digit: str) -> None: ...

    def on_transfer_asked(self, target: str, replaces: str) -> None: ...

    def on_ended(self, *, by_remote: bool, status: int, reason: str) -> None: ...


class Switch:
    """All calls of one switch process. parts is handed in after the endpoint exists, since the endpoint calls us."""

    def __init__(self, max_calls: int) -> None:
        self.parts: SwitchParts | None = None
        self._max_calls = max_calls
        self._stopping = False
        self._sessions: dict[str, CallSession | ColleagueCall] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    @property
    def calls_up(self) -> int:
        return len(self._sessions)

    def on_call(self, call: InboundCall, leg: SipLeg) -> LegEvents:
        """Answer a call that has just arrived, or refuse it with 503 when the switch is full or stopping."""
        parts, own = self.parts, self._call_at(call)
        is_full = own is None and len(self._sessions) >= self._max_calls
        if parts is None or self._stopping or is_full:
            return self._refuse(leg, "the switch is stopping or full")
        meant = meant_by(call, parts.seats, parts.hotline_number, has_call=own is not None)
        try:
            match meant:
                case DialRefused(status, reason):
                    return self._may_not_dial(leg, status, reason)
                case Target() if own is not None:
                    return own.consult_by_phone(call, leg, meant)
                case DialOut():
                    return self._dial_by_phone(meant, call, leg, parts)
                case CallColleague(target):
                    return self._call_colleague(target, call, leg, parts)
            session = CallSession(new_id(parts.now_ms()), call, parts)
        except SipError as error:
            return self._refuse(leg, error.what)
        except RefusedError as error:
            return self._may_not_dial(leg, 503 if error.code == "switch_fault" else 403, error.what)
        number = mask_number(call.caller_number)
        logger.info("call arrived", call_id=session.call_id, pii_caller=number, trunk=call.trunk)
        session.arrive(call, leg)
        self._take_up(session)
        return session.caller

    def _call_at(self, call: InboundCall) -> CallSession | None:
        """The call whose agent's telephone this one comes from."""
        if call.trunk != EXTENSION:
            return None
        sessions = (each for each in self._sessions.values() if isinstance(each, CallSession))
        return next((each for each in sessions if each.has_agent_at(call.caller_number)), None)

    def _may_not_dial(self, leg: SipLeg, status: int, reason: str) -> LegEvents:
        logger.info("a telephone may not dial", status=status, reason=reason)
        leg.reject(status, reason)
        return RefusedLeg()

    def _dial_by_phone(self, order: DialOut, call: InboundCall, leg: SipLeg, parts: SwitchParts) -> LegEvents:
        """A telephone of ours calls a citizen."""
        session = CallSession(new_id(parts.now_ms()), order, parts)
        number = mask_number(order.number)
        logger.info("a telephone dials", call_id=session.call_id, pii_number=number, agent_id=order.agent_id)
        self._take_up(session)
        try:
            return session.dial_by_phone(call, leg, order.agent_id)
        except SipError as error:
            session.shut(EndedBy.SYSTEM, error.what)
            raise

    def _call_colleague(self, target: Target, call: InboundCall, leg: SipLeg, parts: SwitchParts) -> LegEvents:
        """A telephone of ours calls another; one call at a time at each, also where nobody is signed in."""
        if any(each.has_agent_at(call.caller_number) for each in self._sessions.values()):
            return self._may_not_dial(leg, 403, "The Telephone Has Another Call")
        if any(each.has_agent_at(target.value) for each in self._sessions.values()):
            return self._may_not_dial(leg, 486, "Busy Here")
        agent = parts.seats.agent_at(call.caller_number)
        session = ColleagueCall(new_id(parts.now_ms()), call, leg, target, parts, agent)
        logger.info("a telephone calls another", call_id=session.call_id, by=call.caller_number, to=target.value)
        self._take_up(session)
        session.begin()
        return session.caller

    async def on_command(self, _subject: str, command: SwitchCommand) -> CommandReply:
        """Call a citizen for an agent; refused when the switch is full or stopping."""
        parts = self.parts
        if parts is None or self._stopping or len(self._sessions) >= self._max_calls:
            return CommandReply(accepted=False, reason="the switch is stopping or full", code="switch_full")
        if not NUMBER.fullmatch(command.number):
            return CommandReply(accepted=False, reason="that is no telephone number", code="no_number")
        try:
            session = CallSession(new_id(parts.now_ms()), command, parts)
        except SipError as error:
            return CommandReply(accepted=False, reason=error.what, code="switch_fault")
        number = mask_number(command.number)
        logger.info("dialling out", call_id=session.call_id, pii_number=number, agent_id=command.agent_id)
        self._take_up(session)
        try:
            session.dial()
        except RefusedError as error:
            session.shut(EndedBy.SYSTEM, error.what)
            return CommandReply(accepted=False, reason=error.what, code=error.code)
        return CommandReply(accepted=True, call_id=session.call_id)

    def _take_up(self, session: CallSession | ColleagueCall) -> None:
        self._sessions[session.call_id] = session
        CALLS_TOTAL.inc()
        CALLS_UP.set(len(self._sessions))
        task = asyncio.get_running_loop().create_task(self._run(session))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _refuse(self, leg: SipLeg, why: str) -> LegEvents:
        CALLS_REFUSED.inc()
        logger.warning("call refused", reason=why)
        leg.reject(503, "Service Unavailable")
        return RefusedLeg()

    async def _run(self, session: CallSession | ColleagueCall) -> None:
        try:
            await session.run()
        except Exception:
            # One call's fault must not end the switch; its legs are freed and the citizen hears a hang-up, not silence.
            logger.exception("call failed", call_id=session.call_id)
            session.shut(EndedBy.SYSTEM, "internal fault")
        finally:
            del self._sessions[session.call_id]
            CALLS_UP.set(len(self._sessions))
            CALLS_ENDED.inc()
            logger.info("call closed", call_id=session.call_id)

    async def stop(self, grace_s: float = 5.0) -> None:
        """Refuse new calls, end those that are up with BYE, and wait until each is put away (or the grace is over)."""
        self._stopping = True
        for session in list(self._sessions.values()):
            session.shut(EndedBy.SYSTEM, "the switch stops")
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=grace_s)


async def bury_lost_calls(
    notes: list[CallNote],
    folder: Path,
    log: EventLog,
    now_ms: Callable[[], int],
    recording_of: Callable[[str], tuple[str, int, str] | None],
) -> None:
    """Say the end of calls that a killed switch left behind, so that no agent and no screen waits for them for ever.

    recording_of: by call id the (path, duration_ms, sha256) of what was recorded until then, repaired; None without.
    """
    for note in notes:
        journal = CallJournal(note.call_id, note.switch_id, folder, log, now_ms, first=note.next_number)
        if note.between_colleagues:
            journal.write(partial(ColleagueCallEnded, cause=_LOST))
        else:
            journal.write(partial(CallEnded, by=EndedBy.SYSTEM, cause=_LOST))
        recording = None if note.between_colleagues else recording_of(note.call_id)
        if recording is not None:
            path, duration_ms, sha256 = recording
            journal.write(partial(RecordingFinished, path=path, duration_ms=duration_ms, sha256=sha256))
        journal.finish()
        await journal.run()
        logger.warning("lost call closed", call_id=note.call_id, recorded=recording is not None)
