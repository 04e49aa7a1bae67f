"""One call of a synthetic telephone: it speaks from sound, presses keys, and keeps what it hears."""

import asyncio
import time

import numpy as np

from domain.call import DigitSource
from domain.errors import SipError
from domain.g711 import ALAW_SILENCE, RATE_HZ, alaw_decode
from telephony.ports import MediaDescription, MediaLeg, MediaPlane, SipLeg

AUDIBLE = 300
"""A chunk whose loudest sample (of 32,767) is above this is heard as sound."""


class PhoneLine:
    """As LegEvents and MediaEvents it hears both legs of the call. Times are time.monotonic() seconds."""

    def __init__(self, plane: MediaPlane) -> None:
        self.media: MediaLeg = plane.open_leg(self)
        self.leg: SipLeg | None = None
        self.heard = bytearray()
        self.digits: list[str] = []
        self.answered_at = 0.0
        self.first_sound_at = 0.0
        self.end_reason = ""
        self.end_status = 0
        self._listening = False
        self._answered = asyncio.Event()
        self._sounding = asyncio.Event()
        self._ended = asyncio.Event()
        self._played: dict[int, asyncio.Future[None]] = {}
        self._plays = 0

    @property
    def over(self) -> bool:
        return self._ended.is_set()

    async def answered(self, timeout_s: float) -> None:
        """Wait until the call is up; SipError says with which status it ended instead."""
        await self._either(self._answered, timeout_s, "was not answered")

    async def ended(self, timeout_s: float) -> None:
        """Wait for the end of the call."""
        try:
            await asyncio.wait_for(self._ended.wait(), timeout_s)
        except TimeoutError as error:
            raise SipError(f"the call is still up after {timeout_s:.0f} s", where="synthetic phone") from error

    async def speak(self, alaw: bytes) -> None:
        """Play the sound to its end; returns early when the call ends."""
        self._plays += 1
        played = asyncio.get_running_loop().create_future()
        self._played[self._plays] = played
        self.media.play(alaw, token=self._plays)
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({played, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()

    async def hears_sound(self, timeout_s: float) -> None:
        """Wait until something audible has come; SipError when nothing does."""
        await self._either(self._sounding, timeout_s, "stayed silent")

    def hang_up(self) -> None:
        if self.leg is not None:
            self.leg.hang_up()

    async def _either(self, event: asyncio.Event, timeout_s: float, complaint: str) -> None:
        waiting = {asyncio.ensure_future(event.wait()), asyncio.ensure_future(self._ended.wait())}
        done, pending = await asyncio.wait(waiting, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        if not event.is_set():
            detail = f"{self.end_status} {self.end_reason}" if done else f"nothing within {timeout_s:.0f} s"
            raise SipError(f"the call {complaint}: {detail}", where="synthetic phone")

    def connect(self, media: MediaDescription) -> None:
        """The call is up: the sound flows from now on."""
        if not self.answered_at:
            self.answered_at = time.monotonic()
        self._open(media)
        self._answered.set()

    def _open(self, media: MediaDescription) -> None:
        if not self._listening:
            self._listening = True
            self.media.listen(0)
        self.media.connect(media)

    def on_progress(self, status: int, media: MediaDescription | None = None) -> None:
        """It rings, or what the other side says before the answer is heard."""
        if media is not None:
            self._open(media)

    def on_answered(self, media: MediaDescription) -> None:
        self.connect(media)

    def on_media_changed(self, media: MediaDescription) -> None:
        self.media.connect(media)

    def on_transfer_asked(self, target: str, replaces: str) -> None:
        """A synthetic telephone keeps its call."""
        if self.leg is not None:
            self.leg.tell_transfer(603, "Decline")

    def on_ended(self, *, by_remote: bool, status: int, reason: str) -> None:
        self.end_status, self.end_reason = status, reason
        self.media.close()
        self._ended.set()

    def on_digit(self, digit: str, source: DigitSource = DigitSource.INFO) -> None:
        self.digits.append(digit)

    def on_played(self, token: int) -> None:
        played = self._played.pop(token, None)
        if played is not None and not played.done():
            played.set_result(None)

    def on_chunk(self, media_ms: int, alaw: bytes) -> None:
        self.heard += alaw
        if not self.first_sound_at and alaw and abs(alaw_decode(alaw).astype(int)).max() > AUDIBLE:
            self.first_sound_at = time.monotonic()
            self._sounding.set()

    def on_silent(self, seconds: float) -> None:
        """The other side may be quiet for as long as it likes."""

    def on_back(self) -> None:
        """And speak again."""


def silence(seconds: float) -> bytes:
    """A-law silence of this length."""
    return bytes([ALAW_SILENCE]) * int(seconds * RATE_HZ)


def audible_s(alaw: bytes) -> float:
    """How many seconds (in steps of 20 ms) of this sound can be heard."""
    samples = np.abs(alaw_decode(bytes(alaw[: len(alaw) // 160 * 160])).astype(np.int32)).reshape(-1, 160)
    return float((samples.max(axis=1, initial=0) > AUDIBLE).sum()) * 160 / RATE_HZ
