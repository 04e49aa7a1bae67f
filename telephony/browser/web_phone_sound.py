"""The sound of one call of a browser telephone: RTP between the media plane and the browser's connection."""

import asyncio
import contextlib
import ipaddress
import socket
import time
from collections.abc import Awaitable, Callable

from domain.errors import SipError
from telephony.browser.web_phone_link import LOOPBACK

LONGEST_DATAGRAM = 2048


class WebPhoneSound:
    """A socket beside the media plane's leg at (address, port); to_browser: sends a packet, or drops it."""

    def __init__(self, address: str, port: int, to_browser: Callable[[bytes], Awaitable[None]]) -> None:
        self.heard_at = time.monotonic()
        self._to_browser = to_browser
        self._socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.bind((address, 0))
            self._socket.connect((address, port))
        except OSError as error:
            self._socket.close()
            raise SipError(
                f"503: no socket for a browser's sound ({error.strerror})",
                where=f"{address}:{port}",
                remedy="allow enough open files (ulimit -n)",
            ) from error
        self.port: int = self._socket.getsockname()[1]
        self._pump = asyncio.get_running_loop().create_task(self._run())

    def from_browser(self, datagram: bytes) -> None:
        """To the media plane; its jitter buffer takes it from there."""
        self.heard_at = time.monotonic()
        with contextlib.suppress(OSError):
            self._socket.send(datagram)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                datagram = await loop.sock_recv(self._socket, LONGEST_DATAGRAM)
            except ConnectionRefusedError:
                # The leg's port is closed already: the call is ending.
                continue
            await self._to_browser(datagram)

    def close(self) -> None:
        self._pump.cancel()
        self._pump.add_done_callback(lambda _done: self._socket.close())


def loopback_of(rtp_address: str) -> str:
    """The address at which the media plane's legs are reached from this machine."""
    return LOOPBACK if ipaddress.ip_address(rtp_address).is_unspecified else rtp_address
