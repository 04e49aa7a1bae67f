"""The asyncio side of one media leg: what the owner of a call holds (`ports.MediaLeg`)."""

import ipaddress
import socket
from collections.abc import Callable
from functools import partial

import msgspec
import structlog

from domain.errors import SipError
from telephony.media.rtp_session import (
    HOLD_ADDRESS,
    ChunkHeard,
    DigitHeard,
    RtpSession,
    SessionEvent,
    SoundPlayed,
)
from telephony.media.silence_watch import LegBack, LegSilent
from telephony.ports import MediaDescription, MediaEvents
from telephony.sip.addresses import for_socket

logger = structlog.get_logger()
Command = Callable[[int], None]
"""Done by the tick's thread at the beginning of its next tick; the argument is its time in ms."""


class RtpLeg:
    """Every method returns at once: it leaves a command for the tick, which alone touches `session` and `rtp`."""

    __slots__ = ("_events", "_forget", "_post", "closed", "port", "rtp", "session")

    def __init__(
        self,
        rtp: socket.socket,
        session: RtpSession,
        events: MediaEvents,
        post: Callable[[Command], None],
        forget: Callable[["RtpLeg"], None],
    ) -> None:
        self.port: int = rtp.getsockname()[1]
        self.rtp = rtp
        self.session = session
        self.closed = False
        self._events = events
        self._post = post
        self._forget = forget

    def connect(self, remote: MediaDescription) -> None:
        """SipError when the SDP names no address that our socket can reach (names are not resolved: that would stop
        the tick)."""
        try:
            far = ipaddress.ip_address(remote.address)
            if far.version == 6 and self.rtp.family != socket.AF_INET6:
                raise ValueError("an IPv6 address, and this service receives RTP on IPv4")
        except ValueError as error:
            raise SipError(
                f"488: media address '{remote.address}' cannot be reached",
                where=f"SDP of the leg on RTP port {self.port}",
                remedy="let the far end put its own address into the c= line, or set telephony.rtp_address to ::",
            ) from error
        if remote.address != HOLD_ADDRESS:
            remote = msgspec.structs.replace(remote, address=for_socket(str(far), self.rtp.family))
        self._tell(partial(self.session.connect, remote))

    def play(self, alaw: bytes, *, token: int, loop: bool = False) -> None:
        self._tell(lambda _now_ms: self.session.play(alaw, token=token, loop=loop))

    def play_over(self, alaw: bytes) -> None:
        self._tell(lambda _now_ms: self.session.play_over(alaw))

    def listen(self, media_zero_ms: int) -> None:
        self._tell(lambda _now_ms: self.session.listen(media_zero_ms))

    def send_digit(self, digit: str) -> None:
        self._tell(partial(self._send_digit, digit))

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._forget(self)

    def _tell(self, command: Command) -> None:
        if not self.closed:
            self._post(command)

    def _send_digit(self, digit: str, _now_ms: int) -> None:
        if not self.session.send_digit(digit):
            logger.warning("key not sent: it is none, or too many wait", port=self.port)

    def deliver(self, event: SessionEvent) -> None:
        """Tell the owner, on the asyncio loop; of a closed leg only the sound that was heard until then."""
        if self.closed and not isinstance(event, ChunkHeard):
            return
        match event:
            case ChunkHeard(media_ms, alaw):
                self._events.on_chunk(media_ms, alaw)
            case DigitHeard(digit, source):
                self._events.on_digit(digit, source)
            case SoundPlayed(token):
                self._events.on_played(token)
            case LegSilent(seconds):
                self._events.on_silent(seconds)
            case LegBack():
                self._events.on_back()
