"""The UDP socket of the SIP port, in the form that sippy's transaction manager wants of a server.

One thread receives, looks at the first line, and posts what can be SIP to sippy's thread, at most BACKLOG messages
ahead of it: a flood of rubbish costs a regular expression each and reaches nothing. Sending is done at once on the
caller's thread, so that messages leave in order.
"""

import errno
import ipaddress
import re
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import structlog
from sippy.Network_server import Remote_address
from sippy.Time.MonoTime import MonoTime

from domain.errors import SipError
from telephony.sip_metrics import DATAGRAMS_DROPPED
from telephony.sip_thread import fault_log

BACKLOG = 2000
LARGEST = 32_768
SMALLEST = 32
RECEIVE_BUFFER = 4 * 1024 * 1024
NAMES_RESOLVED_AT_ONCE = 20

_FIRST_LINE = re.compile(rb"(?:SIP/2\.0 [1-6][0-9]{2}[ \r\n]|[A-Z]{2,16} [!-~]{3,400} SIP/2\.0\r?\n)")
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")

logger = structlog.get_logger()
Post = Callable[..., None]


class SipSocket:
    """Bound when made; SipError when the port is in use. port 0 takes a free one."""

    transport = "udp"

    def __init__(self, address: str, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        try:
            self._socket.bind((address, port))
        except OSError as error:
            self._socket.close()
            raise _explain(error, address, port) from error
        self.address, self.port = self._socket.getsockname()
        # sippy asks a server for its options; ours is never the kind that binds to every address separately.
        self.uopts = SimpleNamespace(isWildCard=lambda: False)
        self._callback: Callable[..., None] | None = None
        self._resolver = ThreadPoolExecutor(1, "sip-names")
        self._may_resolve = threading.BoundedSemaphore(NAMES_RESOLVED_AT_ONCE)
        self._received = 0
        self._handled = 0
        self._closed = False
        self._post: Post | None = None
        self._thread = threading.Thread(target=self._receive, name="sip-receive", daemon=True)

    def start(self, post: Post) -> None:
        """Begin to receive; `post` hands a call to sippy's thread."""
        self._post = post
        self._thread.start()

    def server_for_sippy(self, _config: object, options: Any) -> "SipSocket":
        """What sippy believes to construct; it does so twice, and closes the first as a trial."""
        self._callback = options.data_callback
        return self

    def shutdown(self) -> None:
        """sippy ends its trial by this; the endpoint closes the socket itself."""

    def close(self) -> None:
        """Stop receiving and free the port."""
        self._closed = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                raise
        if self._thread.is_alive():
            self._thread.join(5.0)
        self._socket.close()
        self._resolver.shutdown(wait=False)

    def getSIPaddr(self) -> tuple[tuple[str, int], str]:  # noqa: N802  # the name that sippy calls
        return (self.address, self.port), self.transport

    def addr2str(self, address: tuple[str, int]) -> str:
        return f"{self.transport}:{address[0]}:{address[1]}"

    def send_to(self, data: str | bytes, address: tuple[str, int]) -> None:
        """Send at once to a numeric address; a name is looked up aside first, so that nothing waits for it."""
        wire = data.encode() if isinstance(data, str) else data
        host, port = address[0], int(address[1] or 5060)
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            if self._may_resolve.acquire(blocking=False):
                self._resolver.submit(self._send_to_name, wire, host, port)
            else:
                DATAGRAMS_DROPPED.labels("too many names to look up").inc()
            return
        self._send(wire, (host, port))

    def _send(self, wire: bytes, address: tuple[str, int]) -> None:
        try:
            self._socket.sendto(wire, address)
        except OSError as error:
            DATAGRAMS_DROPPED.labels("cannot be sent").inc()
            logger.warning("sip datagram cannot be sent", to=f"{address[0]}:{address[1]}", error=error.strerror)

    def _send_to_name(self, wire: bytes, host: str, port: int) -> None:
        try:
            found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_DGRAM)
            self._send(wire, (str(found[0][4][0]), port))
        except (OSError, UnicodeError) as error:
            DATAGRAMS_DROPPED.labels("name unknown").inc()
            logger.warning("host name of a sip peer is unknown", host=host, error=str(error))
        finally:
            self._may_resolve.release()

    def _receive(self) -> None:
        while not self._closed:
            try:
                data, address = self._socket.recvfrom(65_535)
            except OSError as error:
                if not self._closed:
                    logger.warning("sip socket cannot receive", error=error.strerror)
                continue
            why = self._why_not(data)
            if not why and self._post is not None:
                self._received += 1
                self._post(self._handle, data, Remote_address(address, self.transport), MonoTime())
            elif data.strip(b"\r\n\0") and not self._closed:
                DATAGRAMS_DROPPED.labels(why).inc()

    def _why_not(self, data: bytes) -> str:
        if not SMALLEST <= len(data) <= LARGEST:
            return "size"
        if not _FIRST_LINE.match(data):
            return "no SIP"
        if not _END_OF_HEADERS.search(data):
            # RFC 3261 §7: an INVITE cut in its headers would be taken for one without an offer, answered, and stay up
            # until its ACK is missed.
            return "cut headers"
        if self._received - self._handled >= BACKLOG:
            return "backlog"
        try:
            data.decode()
        except UnicodeDecodeError:
            return "no UTF-8"
        return ""

    def _handle(self, data: bytes, remote: Any, arrived: Any) -> None:
        self._handled += 1
        try:
            if self._callback is not None and not self._closed:
                self._callback(data, remote, self, arrived)
        except Exception:
            fault_log.report("a message could not be handled")


class SocketOptions:
    """What sippy hands to the server that it constructs."""

    def __init__(self, laddress: object, data_callback: Callable[..., None]) -> None:
        self.laddress = laddress
        self.data_callback = data_callback


def _explain(error: OSError, address: str, port: int) -> SipError:
    where = f"UDP {address}:{port}"
    if error.errno == errno.EADDRINUSE:
        return SipError(
            "the SIP port is in use",
            where=where,
            remedy="stop the other SIP program, or set [telephony] sip_port in hotline.toml",
        )
    return SipError(
        f"the SIP port cannot be opened ({error.strerror})",
        where=where,
        remedy="set [telephony] sip_address to an address of this machine and sip_port above 1023",
    )
