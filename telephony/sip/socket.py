"""The UDP socket of the SIP port, in the form that sippy's transaction manager wants of a server.

One thread receives and offers what comes to the intake. Sending is done at once on the caller's thread, so that
messages leave in order.
"""

import errno
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import structlog
from sippy.Network_server import Remote_address
from sippy.Time.MonoTime import MonoTime

from domain.errors import SipError
from telephony.sip.addresses import LocalAddresses, bare, bracketed, for_socket, from_socket, is_numeric, open_socket
from telephony.sip.intake import Intake
from telephony.sip.metrics import DATAGRAMS_DROPPED
from telephony.sip.thread import fault_log
from telephony.sip.turns import Turns

RECEIVE_BUFFER = 4 * 1024 * 1024
NAMES_RESOLVED_AT_ONCE = 20


logger = structlog.get_logger()


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
        self._resolver = ThreadPoolExecutor(1, "sip-names")
        self._may_resolve = threading.BoundedSemaphore(NAMES_RESOLVED_AT_ONCE)
        self._closed = False
        self._intake: Intake | None = None
        self._thread = threading.Thread(target=self._receive, name="sip-receive", daemon=True)

    def start(self, intake: Intake) -> None:
        """Begin to receive."""
        self._intake = intake
        self._thread.start()

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
        turns = Turns()
        while not self._closed:
            asked_s = time.monotonic()
            try:
                data, source = self._socket.recvfrom(65_535)
            except OSError as error:
                if not self._closed:
                    logger.warning("sip socket cannot receive", error=error.strerror)
                continue
            turns.let_others(asked_s)
            # Empty datagrams keep a router's door open.
            if data.strip(b"\r\n\0") and not self._closed:
                self._offer(data, source)

    def _offer(self, data: bytes, source: tuple[Any, ...]) -> None:
        if self._intake is None:
            return
        try:
            remote = remote_address(source, "udp")
            self._intake.offer(data, remote, self.towards(remote.received), MonoTime())
        except Exception:
            # One datagram's fault must not end the thread that all others need.
            fault_log.report("a datagram could not be taken in")


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
