"""Receiving and sending on the sockets of all legs without giving the interpreter lock away.

Python gives the lock away around every socket call. For one tick of 100 legs that is 300 chances for another thread to
take it, and each may cost a switch interval to get it back. The calls here never block (MSG_DONTWAIT), so there is
nothing to give the lock away for: `ctypes.PyDLL` keeps it, and `recvmmsg` empties a socket in one call.

Measured with 100 legs beside a thread that computes nine tenths of the time: on a quiet machine, at normal priority,
plain sockets came 182 ms late (p99) and these 6 to 11 ms, in single runs; on a machine that is overloaded anyway the
two cannot be told apart. `bench.switch` runs both. rtpsynth's RtpServer (a C thread that asks for the lock once a
packet) takes 0.8 to 0.95 of this plane's processor time for a bare relay, without jitter buffer and recording.
"""

import ctypes
import socket
import struct
import sys
from typing import Protocol, TypeVar

from telephony.media.latch import Address

LONGEST_DATAGRAM = 2048
MOST_IN_ONE_CALL = 32
_MOST_KNOWN = 4096
Key = TypeVar("Key")
Value = TypeVar("Value")
_SOCKADDR = struct.Struct("=HH4s8x")
"""struct sockaddr_in: family in the machine's order, port and address in the network's."""
_SOCKADDR6 = struct.Struct("=HH4x16s4x")
"""struct sockaddr_in6: as above, with flow label before and scope after the address."""

_ADDRESS_ENDS = 24
"""Bytes of a sockaddr_in6 before the scope. Of a sockaddr_in, which is shorter, the rest is zeros."""

_SO_TIMESTAMPNS = 35
"""Linux: with each datagram, when the kernel took it (Unix time as a struct timespec)."""
_STAMP = struct.Struct("=16xqq")
"""struct cmsghdr, whose fields need no look (nothing else is asked for), and the timespec."""
Arrival = tuple[bytes, Address, int]
"""A datagram, its source, and when it came (Unix time in ns, by a clock that may be set); 0 where nobody says."""


class Datagrams(Protocol):
    """Both never block and never raise."""

    def receive(self, rtp: socket.socket) -> list[Arrival]:
        """What has come on `rtp`, oldest first, 32 at most; a datagram over 2,048 bytes is cut."""

    def send(self, rtp: socket.socket, datagram: bytes, destination: Address) -> bool:
        """False when the system did not take it. destination: an address of the socket's family, no name."""


def stamp_arrivals(rtp: socket.socket) -> None:
    """Let the kernel note when each datagram comes to this socket, where it can."""
    if sys.platform == "linux":
        rtp.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)


def best_datagrams() -> Datagrams:
    """The one with the lock kept where the system has it (Linux), else plain sockets."""
    if sys.platform == "linux" and hasattr(ctypes.PyDLL(None), "recvmmsg"):
        return LockedDatagrams()
    return PlainDatagrams()


class PlainDatagrams:
    """Python's own socket calls: everywhere, and good enough where no other thread computes."""

    def receive(self, rtp: socket.socket) -> list[Arrival]:
        came: list[Arrival] = []
        try:
            while len(came) < MOST_IN_ONE_CALL:
                datagram, source = rtp.recvfrom(LONGEST_DATAGRAM)
                came.append((datagram, source[:2], 0))
        except OSError:
            return came
        return came

    def send(self, rtp: socket.socket, datagram: bytes, destination: Address) -> bool:
        try:
            rtp.sendto(datagram, destination)
        except OSError:
            return False
        return True


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Msghdr(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("iov", ctypes.POINTER(_Iovec)),
        ("iov_length", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Mmsghdr(ctypes.Structure):
    _fields_ = (("header", _Msghdr), ("length", ctypes.c_uint32))


_HEADER_BYTES = ctypes.sizeof(_Mmsghdr)
_STAMP_LENGTH_AT, _LENGTH_AT = _Msghdr.control_length.offset, _Mmsghdr.length.offset
_SOURCES_AT = _HEADER_BYTES * MOST_IN_ONE_CALL
_STAMPS_AT = _SOURCES_AT + _SOCKADDR6.size * MOST_IN_ONE_CALL
_SOUND_AT = _STAMPS_AT + _STAMP.size * MOST_IN_ONE_CALL
_USUAL_BYTES = 172
"""Header and 20 ms of G.711."""


def _place(number: int) -> struct.Struct:
    """What the kernel wrote of the datagram at this place, out of the whole room in one call: lengths of stamp and
    datagram, source, stamp, and the datagram as far as it has the usual length. Slices take three times as long."""
    fields = (
        (number * _HEADER_BYTES + _STAMP_LENGTH_AT, "Q"),
        (number * _HEADER_BYTES + _LENGTH_AT, "I"),
        (_SOURCES_AT + number * _SOCKADDR6.size, f"{_ADDRESS_ENDS}s"),
        (_STAMPS_AT + number * _STAMP.size + _STAMP.size - 16, "qq"),
        (_SOUND_AT + number * LONGEST_DATAGRAM, f"{_USUAL_BYTES}s"),
    )
    form, at = "=", 0
    for start, field in fields:
        form += f"{start - at}x{field}"
        at = start + struct.calcsize("=" + field)
    return struct.Struct(form)


class LockedDatagrams:
    """recvmmsg and sendto of the C library with the interpreter lock kept (Linux).

    For one thread, and for sockets of one family: the kernel writes the length of an address over the room for it. The
    room for a stamp, which is overwritten in the same way, is given anew where a socket gave none.

    The functions have no `argtypes`: ctypes takes plain numbers (all here fit a C int), bytes and references as they
    are, and needs half of the time.
    """

    def __init__(self) -> None:
        library = ctypes.PyDLL(None)
        self._recvmmsg = library.recvmmsg
        self._sendto = library.sendto
        self._room = bytearray(_SOUND_AT + LONGEST_DATAGRAM * MOST_IN_ONE_CALL)
        self._unpack = [_place(number).unpack_from for number in range(MOST_IN_ONE_CALL)]
        self._iovecs = (_Iovec * MOST_IN_ONE_CALL)()
        self._headers = (_Mmsghdr * MOST_IN_ONE_CALL).from_buffer(self._room)
        self._lay_out()
        self._headers_reference = ctypes.byref(self._headers)
        self._addresses: dict[bytes, Address] = {}
        self._targets: dict[Address, bytes] = {}

    def _lay_out(self) -> None:
        """Header i receives its datagram, its source and its stamp into the i-th place of each."""
        room_at = ctypes.addressof(self._headers)
        for number in range(MOST_IN_ONE_CALL):
            self._iovecs[number].base = room_at + _SOUND_AT + number * LONGEST_DATAGRAM
            self._iovecs[number].length = LONGEST_DATAGRAM
            header = self._headers[number].header
            header.name = room_at + _SOURCES_AT + number * _SOCKADDR6.size
            header.name_length = _SOCKADDR6.size
            header.iov = ctypes.pointer(self._iovecs[number])
            header.iov_length = 1
            header.control = room_at + _STAMPS_AT + number * _STAMP.size
            header.control_length = _STAMP.size

    def receive(self, rtp: socket.socket) -> list[Arrival]:
        count = self._recvmmsg(rtp.fileno(), self._headers_reference, MOST_IN_ONE_CALL, socket.MSG_DONTWAIT, None)
        if count == 1:
            return [self._taken(0)]
        return [self._taken(number) for number in range(count)]

    def _taken(self, number: int) -> Arrival:
        stamp_length, length, source, seconds, ns, datagram = self._unpack[number](self._room)
        if length != _USUAL_BYTES:
            start = _SOUND_AT + number * LONGEST_DATAGRAM
            datagram = bytes(self._room[start : start + length])
        came_ns = seconds * 1_000_000_000 + ns
        if stamp_length != _STAMP.size:
            self._headers[number].header.control_length = _STAMP.size
            came_ns = 0
        address = self._addresses.get(source)
        if address is None:
            address = _remember(self._addresses, source, _address(source))
        return datagram, address, came_ns

    def send(self, rtp: socket.socket, datagram: bytes, destination: Address) -> bool:
        target = self._targets.get(destination)
        if target is None:
            target = _remember(self._targets, destination, _sockaddr(destination))
        sent: int = self._sendto(rtp.fileno(), datagram, len(datagram), socket.MSG_DONTWAIT, target, len(target))
        return sent == len(datagram)


def _remember(known: dict[Key, Value], key: Key, value: Value) -> Value:
    """A bounded memory, cheaper to ask than `lru_cache`, which also notes who was asked for last."""
    if len(known) >= _MOST_KNOWN:
        known.clear()
    known[key] = value
    return value


def _address(sockaddr: bytes) -> Address:
    """The first 24 bytes of a sockaddr_in or sockaddr_in6 as Python writes addresses."""
    port = int.from_bytes(sockaddr[2:4], "big")
    if int.from_bytes(sockaddr[:2], sys.byteorder) == socket.AF_INET6:
        return socket.inet_ntop(socket.AF_INET6, sockaddr[8:24]), port
    return socket.inet_ntoa(sockaddr[4:8]), port


def _sockaddr(address: Address) -> bytes:
    host, port = address
    if ":" in host:
        return _SOCKADDR6.pack(socket.AF_INET6, socket.htons(port), socket.inet_pton(socket.AF_INET6, host))
    return _SOCKADDR.pack(socket.AF_INET, socket.htons(port), socket.inet_aton(host))
