"""Fakes of the switch's ports: a SIP endpoint, a media plane and a recorder that remember what was asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.command import AnnouncePosition, TurnAwayBecause
from domain.side import Side
from telephony.ports import CallControls, CallStage, Codec, LegEvents, MediaDescription, MediaEvents, MediaLeg, SipLeg


def describe(port: int) -> MediaDescription:
    return MediaDescription(address="127.0.0.1", port=port, codec=Codec.PCMA, payload=8)


@dataclass
class FakeLeg:
    """A SipLeg. Hanging up ends it at once, as a BYE that is answered."""

    events: LegEvents | None = None
    asked: list[str] = field(default_factory=list)
    over: bool = False
    sip_call_id: str = "fake"
    headers: tuple[tuple[str, str], ...] = ()
    caller_number: str = ""
    media: MediaDescription | None = None

    def ring(self, media: MediaDescription | None = None) -> None:
        self.asked.append("ring" if media is None else "ring with sound")

    def answer(self, media: MediaDescription) -> None:
        self.asked.append("answer")

    def reject(self, status: int, reason: str) -> None:
        self.asked.append(f"reject {status}")

    def hang_up(self) -> None:
        self.asked.append("hang up")
        self.end(by_remote=False, status=200, reason="bye")

    def tell_transfer(self, status: int, reason: str) -> None:
        self.asked.append(f"transfer {status}")

    def end(self, *, by_remote: bool, status: int, reason: str) -> None:
        if self.events is not None and not self.over:
            self.over = True
            self.events.on_ended(by_remote=by_remote, status=status, reason=reason)


class FakeEndpoint:
    """A SipEndpoint whose phones do what the test says."""

    def __init__(self) -> None:
        self.placed: dict[str, FakeLeg] = {}

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

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
        leg = FakeLeg(events, headers=headers, caller_number=caller_number, media=media)
        self.placed[target] = leg
        return leg


@dataclass
class FakeMedia:
    """A MediaLeg."""

    port: int
    events: MediaEvents
    plane: "FakePlane"
    remote: MediaDescription | None = None
    playing: bytes = b""
    token: int = -1
    digits: str = ""
    over: bytes = b""
    listens: bool = False

    def connect(self, remote: MediaDescription) -> None:
        self.remote = remote

    def play(self, alaw: bytes, *, token: int, loop: bool = False) -> None:
        self.playing, self.token = alaw, token

    def play_over(self, alaw: bytes) -> None:
        self.over = alaw

    def listen(self, media_zero_ms: int) -> None:
        self.listens = True

    def send_digit(self, digit: str) -> None:
        self.digits += digit

    def close(self) -> None:
        self.plane.forget(self.port)


class FakePlane:
    """A MediaPlane; `legs` are those not yet closed, `heard` whom each hears (port → ports)."""

    def __init__(self) -> None:
        self.legs: dict[int, FakeMedia] = {}
        self.heard: dict[int, tuple[int, ...]] = {}
        self._next_port = 20000

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def open_leg(self, events: MediaEvents) -> MediaLeg:
        leg = FakeMedia(self._next_port, events, self)
        self.legs[leg.port] = leg
        self._next_port += 2
        return leg

    def hear(self, leg: MediaLeg, sources: Sequence[MediaLeg]) -> None:
        self.heard[leg.port] = tuple(source.port for source in sources)

    def forget(self, port: int) -> None:
        """A leg is closed."""
        self.legs.pop(port, None)
        self.heard.pop(port, None)
        self.heard = {leg: tuple(other for other in sources if other != port) for leg, sources in self.heard.items()}


class FakeRecorder:
    """A CallRecorder in memory; `unclosed` holds the call ids of those not yet closed, `sound` our side of the call."""

    def __init__(self, call_id: str, unclosed: set[str]) -> None:
        self._call_id = call_id
        self._unclosed = unclosed
        self.bytes = dict.fromkeys(Side, 0)
        self.sound = b""
        unclosed.add(call_id)

    def write(self, side: Side, media_ms: int, alaw: bytes) -> None:
        self.bytes[side] += len(alaw)
        if side is Side.AGENT:
            self.sound += alaw

    async def close(self) -> tuple[str, int, str]:
        self._unclosed.remove(self._call_id)
        return f"{self._call_id}.wav", self.bytes[Side.CALLER] // 8, "00"


class FakePrompts:
    """A PromptStore that has a sound for everything but what it is told to lack."""

    def __init__(self, *lacking: str) -> None:
        self._lacking = lacking

    def alaw(self, text: str) -> bytes | None:
        return None if text in self._lacking else text.encode()


class RecordedScript:
    """A CallScript that remembers, and (answers) takes at once what arrives. waiting_in: as its call said."""

    def __init__(self, controls: CallControls, waiting_in: str = "", *, answers: bool = True) -> None:
        self.controls = controls
        self.waiting_in = waiting_in
        self._answers = answers
        self.seen: list[object] = []

    def on_stage(self, stage: CallStage) -> None:
        self.seen.append(stage)
        if stage is CallStage.ARRIVED and self._answers:
            self.controls.answer()

    def on_prompt_ended(self, token: int) -> None:
        self.seen.append(f"prompt {token}")

    def on_digit(self, digit: str) -> None:
        self.seen.append(f"digit {digit}")

    def on_speech(self, message: object) -> None:
        self.seen.append(message)

    def on_position(self, position: AnnouncePosition) -> None:
        self.seen.append(f"position {position.before}")

    def on_turned_away(self, because: TurnAwayBecause) -> None:
        self.seen.append(f"turned away {because}")
