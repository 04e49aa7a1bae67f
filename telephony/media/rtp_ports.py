"""UDP sockets of legs on even ports of a range (RFC 3550 §11)."""

import errno
import socket
from collections import deque

from domain.errors import SipError
from telephony.media.datagrams import stamp_arrivals
from telephony.sip.addresses import open_socket

_TAKEN = (errno.EADDRINUSE, errno.EACCES)


class RtpPorts:
    """Hands out sockets; the port that was freed longest ago comes next, so that late packets of a call find nobody.

    first 0: any port that the system gives (tests, benches). `open` is called by the asyncio thread only, `free` by the
    tick's thread too, at the same time: each takes or adds at one end of a deque, which needs no lock.
    """

    def __init__(self, address: str, first: int, last: int) -> None:
        self._address = address
        self._any = first == 0
        self._range = f"{first}-{last}"
        self._free = deque(range(first + first % 2, last + 1, 2)) if first else deque[int]()

    def open(self) -> socket.socket:
        """A non-blocking bound socket; SipError (answer 503) when no port of the range is free."""
        if self._any:
            return self._bind(0)
        for _ in range(len(self._free)):
            port = self._free.popleft()
            try:
                return self._bind(port)
            except _PortTakenError:
                self._free.append(port)
        raise SipError(
            "503: no RTP port is free",
            where=f"telephony.rtp_port_first..last = {self._range} on {self._address}",
            remedy="widen the range (each leg takes an even port), or look what else uses it",
        )

    def free(self, port: int) -> None:
        """The socket on `port` is closed."""
        if not self._any:
            self._free.append(port)

    def _bind(self, port: int) -> socket.socket:
        try:
            rtp = open_socket(self._address, port, socket.SOCK_DGRAM)
            rtp.setblocking(False)
            stamp_arrivals(rtp)
        except OSError as error:
            if error.errno in _TAKEN:
                raise _PortTakenError from error
            if port:
                self._free.append(port)
            raise SipError(
                f"503: no RTP port can be opened ({error.strerror})",
                where=f"telephony.rtp_address = {self._address}",
                remedy="name an address of this machine, and allow enough open files (ulimit -n)",
            ) from error
        return rtp


class _PortTakenError(Exception):
    """Somebody else has this port; the next one may be free."""
