"""The UDP socket of the SIP port, in the form that sippy's transaction manager wants of a server.

One thread receives, looks at the first line, and posts what can be SIP to sippy's thread, at most BACKLOG messages
ahead of it: a flood of rubbish costs a regular expression each and reaches nothing. Sending is done at once on the
caller's thread, so that messages leave in order.
"""

import errno
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
from telephony.sip_addresses import LocalAddresses, bare, bracketed, for_socket, from_socket, is_numeric, open_socket
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


class UdpWay:
    """The way to peers that are given one `host` of ours; what sippy calls a server. host: bare."""

    transport = "udp"
    reliable = False

    def __init__(self, socket: "SipSocket", host: str) -> None:
        self._socket = socket
        self._host = bracketed(host)
        # sippy asks a server for its options; ours is never the kind that binds to every address separately.
        self.uopts = SimpleNamespace(isWildCard=lambda: False)

    def getSIPaddr(self) -> tuple[tuple[str, int], str]:  # noqa: N802  # the name that sippy calls
        return (self._host, self._socket.port), self.transport

    def addr2str(self, address: tuple[str, int]) -> str:
        return f"{self.transport}:{address[0]}:{address[1]}"

    def send_to(self, data: str | bytes, address: tuple[str, int]) -> None:
        self._socket.send_to(data, address)

    def shutdown(self) -> None:
        """sippy ends its trial by this; the endpoint closes the socket itself."""


class SipSocket:
    """Bound when made; SipError when the port is in use. port 0 takes a free one. Of `::` both families are served."""

    def __init__(self, address: str, port: int, local: LocalAddresses) -> None:
        try:
            self._socket = open_socket(address, port, socket.SOCK_DGRAM)
        except OSError as error:
            raise explain("UDP", error, address, port) from error
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self.port: int = self._socket.getsockname()[1]
        self._local = local
        self._ways: dict[str, UdpWay] = {}
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

    def server_for_sippy(self, _config: object, options: Any) -> UdpWay:
        """What sippy believes to construct; it does so twice, and closes the first as a trial."""
        self._callback = options.data_callback
        return self.towards("")

    def towards(self, host: str) -> UdpWay:
        """The way to this peer (bare, in brackets or a name); on sippy's thread."""
        ours = self._local.towards(host)
        way = self._ways.get(ours)
        if way is None:
            way = self._ways[ours] = UdpWay(self, ours)
        return way

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

    def send_to(self, data: str | bytes, address: tuple[str, int]) -> None:
        """Send at once to a numeric address; a name is looked up aside first, so that nothing waits for it."""
        wire = data.encode() if isinstance(data, str) else data
        host, port = bare(str(address[0])), int(address[1] or 5060)
        if not is_numeric(host):
            if self._may_resolve.acquire(blocking=False):
                self._resolver.submit(self._send_to_name, wire, host, port)
            else:
                DATAGRAMS_DROPPED.labels("too many names to look up").inc()
            return
        self._send(wire, (host, port))

    def _send(self, wire: bytes, address: tuple[str, int]) -> None:
        try:
            self._socket.sendto(wire, (for_socket(address[0], self._socket.family), address[1]))
        except OSError as error:
            DATAGRAMS_DROPPED.labels("cannot be sent").inc()
            logger.warning("sip datagram cannot be sent", to=f"{address[0]}:{address[1]}", error=error.strerror)

    def _send_to_name(self, wire: bytes, host: str, port: int) -> None:
        try:
            self._send(wire, (resolve(host, self._socket.family), port))
        except (OSError, UnicodeError) as error:
            DATAGRAMS_DROPPED.labels("name unknown").inc()
            logger.warning("host name of a sip peer is unknown", host=host, error=str(error))
        finally:
            self._may_resolve.release()

    def _receive(self) -> None:
        while not self._closed:
            try:
                data, source = self._socket.recvfrom(65_535)
            except OSError as error:
                if not self._closed:
                    logger.warning("sip socket cannot receive", error=error.strerror)
                continue
            why = self._why_not(data)
            if not why and self._post is not None:
                self._received += 1
                self._post(self._handle, data, remote_address(source, "udp"), MonoTime())
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
                self._callback(data, remote, self.towards(remote.received), arrived)
        except Exception:
            fault_log.report("a message could not be handled")


class SocketOptions:
    """What sippy hands to the server that it constructs."""

    def __init__(self, laddress: object, data_callback: Callable[..., None]) -> None:
        self.laddress = laddress
        self.data_callback = data_callback


def resolve(host: str, family: int) -> str:
    """An address of the name that a socket of this family can send to, IPv4 first; OSError, UnicodeError."""
    wanted = socket.AF_INET if family == socket.AF_INET else socket.AF_UNSPEC
    found = sorted(socket.getaddrinfo(host, None, wanted, socket.SOCK_DGRAM), key=lambda entry: entry[0])
    return str(found[0][4][0])


def remote_address(source: tuple[Any, ...], transport: str) -> Any:
    """Where a message came from, in sippy's form. source: as a socket says it."""
    host = from_socket(source[0])
    remote = Remote_address((bracketed(host), source[1]), transport)
    # RFC 5118 §4.5: the `received` parameter of Via has no brackets.
    remote.received = host
    return remote


def explain(kind: str, error: OSError, address: str, port: int) -> SipError:
    """Why the port cannot be had, and what to do."""
    where = f"{kind} {bracketed(address)}:{port}"
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
