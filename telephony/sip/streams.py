"""SIP over TCP (RFC 3261, 18): connections that come in and those that we open, on one thread.

Everything that touches a socket happens on that thread; from others come orders, each a call that it carries out.
Answers leave by the connection that their request came by, as long as it is there (18.2.2).
"""

import errno
import selectors
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
from sippy.Time.MonoTime import MonoTime

from telephony.sip.addresses import (
    Address,
    LocalAddresses,
    bracketed,
    family_of,
    for_socket,
    from_socket,
    is_numeric,
    open_socket,
)
from telephony.sip.connection import FIRST_MESSAGE_WITHIN_S, Connection, TcpWay
from telephony.sip.framing import PING, PONG, FramingError
from telephony.sip.intake import Intake
from telephony.sip.metrics import CONNECTIONS, DATAGRAMS_DROPPED
from telephony.sip.socket import explain, remote_address, resolve
from telephony.sip.turns import Turns

MOST_CONNECTIONS = 1000
MOST_FROM_ONE_HOST = 100
MOST_UNSENT = 512 * 1024
"""Bytes that may wait for a connection; a far end that reads no more is let go."""
IDLE_S = 3600.0
CHECK_EVERY_S = 1.0
READ_AT_ONCE = 65_536

logger = structlog.get_logger()


class SipStreams:
    """Listening when made; SipError when the port is in use."""

    def __init__(self, address: str, port: int, local: LocalAddresses) -> None:
        try:
            self._listener = open_socket(address, port, socket.SOCK_STREAM)
            self._listener.listen(128)
        except OSError as error:
            raise explain("TCP", error, address, port) from error
        self._listener.setblocking(False)
        self.port = port
        self._local = local
        self._orders: deque[Callable[[], None]] = deque()
        self._waker, self._woken = socket.socketpair()
        for end in (self._waker, self._woken):
            # A full pipe wakes as well; nobody may wait for this thread.
            end.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._connections: dict[Address, Connection] = {}
        self._hosts: Counter[str] = Counter()
        self._resolver = ThreadPoolExecutor(1, "sip-tcp-names")
        self._intake: Intake | None = None
        self._lost: Callable[[Address], None] | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="sip-tcp", daemon=True)

    def start(self, intake: Intake, lost: Callable[[Address], None]) -> None:
        """Begin. lost: told, on a thread of ours, of each address that cannot be connected to; it returns at once."""
        self._intake, self._lost = intake, lost
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._woken, selectors.EVENT_READ, self._carry_out)
        self._thread.start()

    def close(self) -> None:
        """Close every connection and free the port; blocks until it is done."""
        self._order(self._end)
        if self._thread.is_alive():
            self._thread.join(5.0)
        else:
            self._end()
        self._resolver.shutdown(wait=False)
        for end in (self._waker, self._woken):
            end.close()

    def towards(self, host: str) -> TcpWay:
        """The way of messages to this peer (bare, in brackets or a name); a connection is opened when one is sent."""
        return TcpWay(self, self._local.towards(host))

    def send(self, wire: bytes, address: Address, connection: Connection | None) -> None:
        """From any thread: by this connection while it is open, else by one to that address."""
        self._order(lambda: self._send(wire, address, connection, address))

    # On the thread of the streams

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.append(order)
        try:
            self._waker.send(b"\0")
        except OSError as error:
            if not self._closed and error.errno != errno.EAGAIN:
                logger.warning("sip streams cannot be woken", error=error.strerror)

    def _run(self) -> None:
        turns = Turns()
        next_check_s = time.monotonic() + CHECK_EVERY_S
        while not self._closed:
            asked_s = time.monotonic()
            ready = self._selector.select(max(0.0, next_check_s - asked_s))
            turns.let_others(asked_s)
            for key, _ in ready:
                try:
                    key.data()
                except Exception:
                    logger.exception("a sip connection failed")
            if time.monotonic() >= next_check_s:
                next_check_s = time.monotonic() + CHECK_EVERY_S
                self._check(time.monotonic())
        self._selector.close()

    def _carry_out(self) -> None:
        self._woken.recv(4096)
        while self._orders:
            self._orders.popleft()()

    def _end(self) -> None:
        self._closed = True
        for connection in list(self._connections.values()):
            self._drop(connection, "")
        self._listener.close()

    def _check(self, now_s: float) -> None:
        for connection in list(self._connections.values()):
            if now_s >= connection.deadline_s:
                self._drop(connection, "not connected in time" if connection.connecting else "idle")

    def _accept(self) -> None:
        try:
            opened, source = self._listener.accept()
        except OSError as error:
            logger.warning("a sip connection cannot be accepted", error=error.strerror)
            return
        peer = from_socket(source[0]), int(source[1])
        if len(self._connections) >= MOST_CONNECTIONS or self._hosts[peer[0]] >= MOST_FROM_ONE_HOST:
            DATAGRAMS_DROPPED.labels("too many connections").inc()
            opened.close()
            return
        self._take_in(Connection(opened, peer, asked=None, now_s=time.monotonic()))

    def _take_in(self, connection: Connection) -> None:
        connection.socket.setblocking(False)
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections[connection.peer] = connection
        self._hosts[connection.peer[0]] += 1
        CONNECTIONS.set(len(self._connections))
        events = selectors.EVENT_WRITE if connection.connecting else selectors.EVENT_READ
        self._selector.register(connection.socket, events, lambda: self._on_ready(connection))

    def _drop(self, connection: Connection, why: str) -> None:
        if not connection.is_open:
            return
        connection.is_open = False
        self._selector.unregister(connection.socket)
        connection.socket.close()
        if self._connections.get(connection.peer) is connection:
            del self._connections[connection.peer]
        self._hosts[connection.peer[0]] -= 1
        if not self._hosts[connection.peer[0]]:
            del self._hosts[connection.peer[0]]
        CONNECTIONS.set(len(self._connections))
        if why:
            logger.info("sip connection closed", peer=f"{bracketed(connection.peer[0])}:{connection.peer[1]}", why=why)
        if connection.connecting and self._lost is not None:
            self._lost(connection.asked)

    def _on_ready(self, connection: Connection) -> None:
        if not connection.is_open:
            return
        if connection.connecting:
            number = connection.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if number:
                self._drop(connection, errno.errorcode.get(number, str(number)))
                return
            connection.connecting = False
            connection.deadline_s = time.monotonic() + IDLE_S
        self._flush(connection)
        self._read(connection)

    def _read(self, connection: Connection) -> None:
        if not connection.is_open:
            return
        try:
            data = connection.socket.recv(READ_AT_ONCE)
        except BlockingIOError:
            return
        except OSError as error:
            self._drop(connection, error.strerror or "broken")
            return
        if not data:
            self._drop(connection, "the far end closed it")
            return
        try:
            messages = connection.framer.feed(data)
        except FramingError as error:
            DATAGRAMS_DROPPED.labels("framing").inc()
            self._drop(connection, error.what)
            return
        for message in messages:
            self._hand_over(connection, message)
        if messages:
            wait_s = FIRST_MESSAGE_WITHIN_S if connection.framer.is_waiting else IDLE_S
            connection.deadline_s = time.monotonic() + wait_s

    def _hand_over(self, connection: Connection, message: bytes) -> None:
        if message == PING:
            self._write(connection, PONG)
            return
        if self._intake is None:
            return
        way = TcpWay(self, self._local.towards(connection.peer[0]), connection)
        why = self._intake.offer(message, remote_address(connection.peer, "tcp"), way, MonoTime())
        if why:
            self._drop(connection, why)

    def _send(self, wire: bytes, address: Address, connection: Connection | None, asked: Address) -> None:
        if self._closed:
            return
        chosen = connection if connection is not None and connection.is_open else self._connections.get(address)
        if chosen is not None:
            self._write(chosen, wire)
        elif is_numeric(address[0]):
            self._connect(wire, address, asked)
        else:
            self._resolver.submit(self._find_out, wire, address)

    def _find_out(self, wire: bytes, address: Address) -> None:
        """On the resolver's thread."""
        try:
            host = resolve(address[0], self._listener.family)
        except (OSError, UnicodeError) as error:
            logger.warning("host name of a sip peer is unknown", host=address[0], error=str(error))
            if self._lost is not None:
                self._lost(address)
            return
        self._order(lambda: self._send(wire, (host, address[1]), None, address))

    def _connect(self, wire: bytes, address: Address, asked: Address) -> None:
        family = self._listener.family if family_of(address[0]) == socket.AF_INET else socket.AF_INET6
        opened = socket.socket(family, socket.SOCK_STREAM)
        opened.setblocking(False)
        result = opened.connect_ex((for_socket(address[0], family), address[1]))
        connection = Connection(opened, address, asked=asked, now_s=time.monotonic())
        self._take_in(connection)
        if result not in (0, errno.EINPROGRESS):
            self._drop(connection, errno.errorcode.get(result, str(result)))
            return
        self._write(connection, wire)

    def _write(self, connection: Connection, wire: bytes) -> None:
        connection.unsent += wire
        if len(connection.unsent) > MOST_UNSENT:
            self._drop(connection, "the far end reads no more")
        elif not connection.connecting:
            self._flush(connection)

    def _flush(self, connection: Connection) -> None:
        try:
            while connection.unsent:
                del connection.unsent[: connection.socket.send(connection.unsent)]
        except BlockingIOError:
            self._selector.modify(
                connection.socket,
                selectors.EVENT_READ | selectors.EVENT_WRITE,
                lambda: self._on_ready(connection),
            )
            return
        except OSError as error:
            self._drop(connection, error.strerror or "broken")
            return
        self._selector.modify(connection.socket, selectors.EVENT_READ, lambda: self._on_ready(connection))
