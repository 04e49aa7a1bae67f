"""One telephone in a call: its SIP leg and its media leg together, and what both of them tell.

Whoever owns the call hears `(party, event)`; a party that the call has placed itself is rung with `ring`.
"""

import time
from collections.abc import Callable

import msgspec

from domain.call import DigitSource
from domain.target import OfferOutcome
from telephony.calls.talk import Ear, Role, Sound
from telephony.media.digit_join import DigitJoin
from telephony.ports import Codec, MediaDescription, MediaLeg, MediaPlane, SipEndpoint, SipLeg
from telephony.sip.sdp import STATIC_NUMBERS

_REJECTED = frozenset({486, 600, 603})
_NO_ANSWER = frozenset({408, 487})
_SOUND_TOKEN = 0
AUTO_ANSWER = (
    ("Alert-Info", "<http://localhost>;info=alert-autoanswer;delay=0"),
    ("Call-Info", "<sip:localhost>;answer-after=0"),
)
"""What makes desk phones answer by themselves. RFC 3261 (20.4, 20.9) has the headers, not these parameters, which are
no standard: most makers of telephones read one of the two."""


class Rings(msgspec.Struct, frozen=True):
    """It rings (180)."""


class HeardEarly(msgspec.Struct, frozen=True):
    """Its network sends sound before the answer (183)."""


class Answered(msgspec.Struct, frozen=True):
    """The telephone was taken off the hook."""


class Gone(msgspec.Struct, frozen=True):
    """Over, exactly once, and its ports are free."""

    by_remote: bool
    status: int
    reason: str


class Spoke(msgspec.Struct, frozen=True):
    """100 ms of what was said, on the call's media clock."""

    media_ms: int
    alaw: bytes


class Pressed(msgspec.Struct, frozen=True):
    digit: str
    source: DigitSource


class Played(msgspec.Struct, frozen=True):
    token: int


class Silent(msgspec.Struct, frozen=True):
    seconds: float


class Back(msgspec.Struct, frozen=True):
    """It sends again after it was silent."""


class PutOnHold(msgspec.Struct, frozen=True):
    """The telephone's own hold key: held, or taken back."""

    held: bool


class TransferAsked(msgspec.Struct, frozen=True):
    """REFER: the telephone's own transfer key. replaces: Call-ID of the dialog to be replaced, "" for a blind one."""

    target: str
    replaces: str


PartyEvent = Rings | HeardEarly | Answered | Gone | Spoke | Pressed | Played | Silent | Back | PutOnHold | TransferAsked
Tell = Callable[["Party", PartyEvent], None]


class Party:
    """LegEvents of its SIP leg, MediaEvents of its media leg.

    address: what it was called by (an extension, a number). agent_id: whose telephone it is, "" outside. codec: what it
    speaks. held: by its own hold key.
    """

    def __init__(self, plane: MediaPlane, tell: Tell, *, address: str = "", agent_id: str = "") -> None:
        self.address = address
        self.agent_id = agent_id
        self.answered = False
        self.over = False
        self.cancelled = False
        self.codec = Codec.PCMA
        self.leg: SipLeg | None = None
        self.media: MediaLeg = plane.open_leg(self)
        self._plane = plane
        self._tell = tell
        self._keys = DigitJoin()
        self.held = False
        self._sound = Sound.NONE

    def ring(
        self,
        endpoint: SipEndpoint,
        target: str,
        *,
        caller_number: str,
        describe: Callable[[int], MediaDescription],
        timeout_s: float,
        auto_answer: bool = False,
        codec: Codec = Codec.PCMA,
    ) -> None:
        """Send the INVITE. auto_answer: ask the phone to answer by itself; phones that cannot ring as ever.

        codec: what the other side speaks, offered first, so that nothing has to be translated where both have it.
        """
        self.leg = endpoint.place_call(
            target,
            caller_number=caller_number,
            media=msgspec.structs.replace(describe(self.media.port), codec=codec, payload=STATIC_NUMBERS[codec]),
            events=self,
            timeout_s=timeout_s,
            headers=AUTO_ANSWER if auto_answer else (),
        )

    def hang_up(self) -> None:
        """Stop ringing, or hang up; Gone follows."""
        self.cancelled = not self.answered
        if self.leg is not None:
            self.leg.hang_up()

    def close(self) -> None:
        """Free the port; nothing more is told."""
        self.over = True
        self.media.close()

    def connect(self, media: MediaDescription) -> None:
        """Its sound goes there and comes from there."""
        self.codec = media.codec
        self.media.connect(media)

    def hear(self, ear: Ear, others: dict[Role, "Party"], sounds: dict[Sound, bytes]) -> None:
        """Whom of the others it hears, or what is played to it instead."""
        sources = [party.media for role, party in others.items() if role in ear.sources and party is not self]
        self._plane.hear(self.media, sources)
        if ear.sound is not self._sound:
            self._sound = ear.sound
            self.media.play(sounds.get(ear.sound, b""), token=_SOUND_TOKEN, loop=True)

    def outcome(self, status: int) -> OfferOutcome:
        """How the ringing ended that ended with this SIP status."""
        if self.answered:
            return OfferOutcome.ANSWERED
        if self.cancelled:
            return OfferOutcome.CANCELLED
        if status in _REJECTED or 300 <= status < 400:
            # A telephone that is set to forward its calls: a caller is not sent after it, and the agent is told.
            return OfferOutcome.REJECTED
        return OfferOutcome.NO_ANSWER if status in _NO_ANSWER else OfferOutcome.UNREACHABLE

    # -- LegEvents ---------------------------------------------------------------------------------------------------

    def on_progress(self, status: int, media: MediaDescription | None = None) -> None:
        """It rings; without sound of its own, whoever waits for it hears our tone."""
        if self.answered or self.over:
            return
        if media is not None:
            self.connect(media)
        self._tell(self, Rings() if media is None else HeardEarly())

    def on_answered(self, media: MediaDescription) -> None:
        if self.cancelled or self.over:
            return
        self.connect(media)
        self.answered = True
        self._tell(self, Answered())

    def on_media_changed(self, media: MediaDescription) -> None:
        self.connect(media)
        held = not media.receives
        if held is not self.held:
            self.held = held
            self._tell(self, PutOnHold(held))

    def on_transfer_asked(self, target: str, replaces: str) -> None:
        self._tell(self, TransferAsked(target, replaces))

    def on_ended(self, *, by_remote: bool, status: int, reason: str) -> None:
        if self.over:
            return
        self.close()
        self._tell(self, Gone(by_remote, status, reason))

    # -- MediaEvents, and INFO's keys --------------------------------------------------------------------------------

    def on_digit(self, digit: str, source: DigitSource = DigitSource.INFO) -> None:
        if self._keys.is_new(digit, source, round(time.monotonic() * 1000)):
            self._tell(self, Pressed(digit, source))

    def on_played(self, token: int) -> None:
        self._tell(self, Played(token))

    def on_chunk(self, media_ms: int, alaw: bytes) -> None:
        self._tell(self, Spoke(media_ms, alaw))

    def on_silent(self, seconds: float) -> None:
        self._tell(self, Silent(seconds))

    def on_back(self) -> None:
        self._tell(self, Back())
