"""Whether nobody speaks in a call in which people talk, by what the listeners tell of each side.

Each listener tells of its own side, and counts from the beginning of each phase of the talk; here the sides are put
together, since they may be at different listeners. Who is on hold or waits is not expected to speak.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from domain.side import Side
from domain.speech import LivePartial, SideSilent, SpeechHealth, SpeechHealthChanged, SpeechMessage, SpeechStarted
from domain.talk import CallFellSilent, CallSilenceEnded, TalkPhase
from telephony.calls.journal import CallJournal
from telephony.calls.talk import caller_talks

_UNHEARD = frozenset({SpeechHealth.AFTER_CALL, SpeechHealth.OFF})


@dataclass(frozen=True)
class Quiet:
    """since_ms: on the call's media clock. side: as in CallFellSilent."""

    since_ms: int
    side: Side | None = None


class CallSilence:
    """Pure."""

    def __init__(self) -> None:
        self._silent: dict[Side, SideSilent] = {}
        self._phase = TalkPhase.ALONE

    def hear(self, message: LivePartial | SpeechMessage, phase: TalkPhase) -> Quiet | None:
        """What holds after this message, which came while the call was in this phase."""
        if phase is not self._phase:
            self._phase = phase
            self._silent.clear()
        match message:
            case SideSilent(until_ms=None) if caller_talks(phase):
                self._silent[message.side] = message
            case SideSilent() | SpeechStarted():
                self._silent.pop(message.side, None)
            case SpeechHealthChanged(health=health) if health in _UNHEARD:
                self._silent.pop(message.side, None)
        return self._now()

    def _now(self) -> Quiet | None:
        caller = self._silent.get(Side.CALLER)
        if caller is not None and not caller.spoke:
            return Quiet(caller.since_ms, Side.CALLER)
        if len(self._silent) == len(Side):
            return Quiet(max(one.since_ms for one in self._silent.values()))
        return None


class SilenceNotes:
    """Writes down where a silence begins and ends. answered_at_ms: when (Unix, ms) the media clock began."""

    def __init__(self, journal: CallJournal, answered_at_ms: Callable[[], int]) -> None:
        self._journal = journal
        self._answered_at_ms = answered_at_ms
        self._silence = CallSilence()
        self._noted: Quiet | None = None

    def hear(self, message: LivePartial | SpeechMessage, phase: TalkPhase) -> None:
        """What a listener says while the call is in this phase."""
        self._note(self._silence.hear(message, phase))

    def end(self) -> None:
        """The call is over."""
        self._note(None)

    def _note(self, now: Quiet | None) -> None:
        if now == self._noted:
            return
        if self._noted is not None:
            self._write(CallSilenceEnded, self._noted)
        if now is not None:
            self._write(CallFellSilent, now)
        self._noted = now

    def _write(self, event: type[CallFellSilent | CallSilenceEnded], quiet: Quiet) -> None:
        since_at_ms = self._answered_at_ms() + quiet.since_ms
        self._journal.write(partial(event, since_at_ms=since_at_ms, side=quiet.side))
