"""What the parts of the switch ask of each other.

Threads: the SIP endpoint (sippy) and the media tick each run on a thread of their own. Every method below may be called
from the asyncio loop at any time and returns at once; every callback (`on_…`) is called on the asyncio loop.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from domain.call import DigitSource, QueuedBecause
from domain.command import AnnouncePosition, TurnAwayBecause
from domain.side import Side
from domain.speech import LivePartial, SpeechMessage


class Codec(StrEnum):
    """What a leg sends and receives; inside the house sound is always A-law at 8 kHz."""

    PCMA = "PCMA"
    PCMU = "PCMU"
    G722 = "G722"


class MediaDescription(msgspec.Struct, frozen=True, kw_only=True):
    """One side's audio as SDP says it (RFC 4566, RFC 3264).

    digits_payload: RTP payload type of telephone-event (RFC 4733), None where it is not offered.
    sends, receives: direction seen from the describing side (hold is sends and not receives, or neither).
    """

    address: str
    port: int
    codec: Codec
    payload: int
    digits_payload: int | None = 101
    ptime_ms: int = 20
    sends: bool = True
    receives: bool = True


class InboundCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that has just arrived. media: what we negotiated out of the caller's offer; None with a delayed offer.

    diverted_from: the number that the caller had dialled before it was forwarded to us (Diversion), or "".
    """

    caller_number: str
    called_number: str
    trunk: str
    diverted_from: str = ""
    sip_call_id: str
    arrived_at_ms: int
    media: MediaDescription | None


class LegEvents(Protocol):
    """What a SIP leg tells its owner."""

    def on_progress(self, status: int, media: MediaDescription | None = None) -> None:
        """The far end rings (180, 183). media: its sound before the answer (early media), None without."""

    def on_answered(self, media: MediaDescription) -> None:
        """Outbound: 200 OK came. Inbound with a delayed offer: the answer to it came, in the ACK or a PRACK."""

    def on_media_changed(self, media: MediaDescription) -> None:
        """A re-INVITE moved, held, resumed or re-coded the sound; the endpoint has answered it already."""

    def on_digit(self, digit: str) -> None:
        """A key came by INFO."""

    def on_transfer_asked(self, target: str, replaces: str) -> None:
        """One of our phones asks for its call to be transferred (REFER); say how it goes by `SipLeg.tell_transfer`.

        target: an extension or number, or a sip: URI of elsewhere. replaces: the `sip_call_id` of the leg that shall be
        joined with this one (attended transfer), "" for a blind one.
        """

    def on_ended(self, *, by_remote: bool, status: int, reason: str) -> None:
        """The leg is over, exactly once, whatever ended it: BYE, CANCEL, a refusal, a time-out, our own hang_up."""


class SipLeg(Protocol):
    """One SIP dialog."""

    @property
    def sip_call_id(self) -> str:
        """Its Call-ID, by which an attended transfer names it."""

    def ring(self, media: MediaDescription | None = None) -> None:
        """180 Ringing, or 183 with our side of the sound, to be heard before the answer (inbound only)."""

    def answer(self, media: MediaDescription) -> None:
        """200 OK with our side of the sound (inbound only)."""

    def reject(self, status: int, reason: str) -> None:
        """A final refusal (inbound, not yet answered)."""

    def hang_up(self) -> None:
        """BYE, CANCEL or 603, whichever the leg's state asks for; harmless when it is over."""

    def tell_transfer(self, status: int, reason: str) -> None:
        """How a transfer that the phone asked for goes (100, 180, 200, 603, …); 200 and above ends the telling."""


class MediaEvents(Protocol):
    """What a media leg tells its owner."""

    def on_digit(self, digit: str, source: DigitSource) -> None:
        """A key came by RFC 4733 (once for each key, however many packets repeat it), or as tones (INBAND)."""

    def on_played(self, token: int) -> None:
        """The sound of `play` with this token was sent to its end."""

    def on_chunk(self, media_ms: int, alaw: bytes) -> None:
        """100 ms (800 bytes) of what the leg said, on the call's media clock; silence where nothing came.

        Without a gap from `listen` to `close`; the last chunk may be shorter.
        """

    def on_silent(self, seconds: float) -> None:
        """No RTP has come for so long (reported once each time it happens; a leg that never sends counts too)."""

    def on_back(self) -> None:
        """After that: RTP comes again, be it silence, or the far end has said that it will send none."""


class MediaLeg(Protocol):
    """One RTP session of the media plane."""

    port: int
    """Our UDP port for its sound."""

    def connect(self, remote: MediaDescription) -> None:
        """Send to and receive from there (symmetric RTP: the first authentic source wins); again after a re-INVITE."""

    def play(self, alaw: bytes, *, token: int, loop: bool = False) -> None:
        """Send this sound in place of whom the leg hears; b"" stops."""

    def play_over(self, alaw: bytes) -> None:
        """Add this sound, once, to whom the leg hears (not to what is played to it); b"" stops it."""

    def listen(self, media_zero_ms: int) -> None:
        """Begin on_chunk. media_zero_ms: how old the call's media clock is now (0 for the leg that starts it)."""

    def send_digit(self, digit: str) -> None:
        """Send a key, 160 ms long: by RFC 4733, or as tones where the far end offers no telephone-event."""

    def close(self) -> None:
        """Free the port; harmless when closed. Within the next tick the last chunks still come, and then nothing."""


class MediaPlane(Protocol):
    """The tick that carries all legs."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def open_leg(self, events: MediaEvents) -> MediaLeg:
        """A leg on a free port of the range; SipError (503) when none is free."""

    def hear(self, leg: MediaLeg, sources: Sequence[MediaLeg]) -> None:
        """From the next tick on `leg` hears the sum of `sources`, in place of what it heard before; () is silence.

        Bridge, hold, mute, listen-in, whisper, barge-in and conference are this. One source is relayed, more are mixed;
        a leg hears itself only when it is among its own sources; a source that is closed falls out by itself.
        """


class CallRecorder(Protocol):
    """Where a call's two sides are written (recordings/ has the writer)."""

    def write(self, side: Side, media_ms: int, alaw: bytes) -> None:
        """Never blocks; sound that the disk cannot take is counted as lost and reported by `close`."""

    async def close(self) -> tuple[str, int, str]:
        """Path relative to the recordings folder, duration in ms, sha256."""


class PromptStore(Protocol):
    """Ready sound for a text (tts/ has the cache)."""

    def alaw(self, text: str) -> bytes | None:
        """A-law at 8 kHz, None when it is not there (yet)."""


class Speaker(Protocol):
    """Says texts that nobody could foresee (hotline/ has a process with the engine of tts/)."""

    async def alaw(self, text: str) -> bytes | None:
        """A-law at 8 kHz; None when it cannot be said, or not in time."""


class SipEndpoint(Protocol):
    """The SIP side of the switch."""

    async def start(self) -> None:
        """Listen; SipError with what to do when the port is in use."""

    async def stop(self) -> None:
        """Hang up what is left, and stop listening."""

    def place_call(
        self,
        target: str,
        *,
        caller_number: str,
        media: MediaDescription,
        events: LegEvents,
        timeout_s: float,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> SipLeg:
        """Call a registered extension ("8001"), a sip: URI, or by the trunks a number outside ("tel:02212345").

        A target that cannot be reached ends through `events.on_ended`; 404 where no trunk is for it.
        headers: more (name, value) for the INVITE.
        """


class CallStage(StrEnum):
    """Where a call is."""

    ARRIVED = "arrived"
    ANSWERED = "answered"
    WAITING = "waiting"
    RINGING = "ringing"
    CONNECTED = "connected"
    ENDED = "ended"


class CallControls(Protocol):
    """What a script may do with the call that it steers."""

    def answer(self) -> None:
        """Take the call (once); until then the caller hears the line ring, or what is said."""

    def say(self, text: str, *, token: int) -> None:
        """Play the prompt of this text; `on_prompt_ended(token)` follows, at once when there is no sound for it.

        Before the answer it is early media; a caller to whom nothing can be sent yet (delayed offer) is answered first.
        """

    def stop_saying(self) -> None:
        """Break the prompt off; its token is not reported."""

    def play_music(self, on: bool) -> None:
        """Music whenever nothing is said."""

    def expect(self, phrases: tuple[str, ...], *, only: bool) -> None:
        """The caller is likely to say one of these now; () for nothing special. only: nothing else counts."""

    def enqueue(self, queue: str, because: QueuedBecause, priority: int) -> None:
        """Let the caller wait for a person."""

    def ask_callback(self) -> None:
        """The waiting caller wants to be called back at the number that they call from, and keeps their place."""

    def end(self, cause: str) -> None:
        """Hang up by the service's own decision."""


class CallScript(Protocol):
    """What steers a call until a person answers (the IVR flow)."""

    def on_stage(self, stage: CallStage) -> None:
        """The call has just come to this stage. The script begins with ARRIVED; for a caller who comes back from an
        agent, with WAITING."""

    def on_prompt_ended(self, token: int) -> None: ...

    def on_digit(self, digit: str) -> None: ...

    def on_speech(self, message: LivePartial | SpeechMessage) -> None:
        """What the listeners say of the caller's side."""

    def on_position(self, position: AnnouncePosition) -> None:
        """The queue says how many wait before this caller, and for how long."""

    def on_turned_away(self, because: TurnAwayBecause) -> None:
        """Nobody will come: the caller is to be told, and the call to be ended."""
