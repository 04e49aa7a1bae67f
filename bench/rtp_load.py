"""Phones for a bench: a process of its own that sends and receives real RTP, 50 packets a second and leg.

`python -m bench.rtp_load LEGS SECONDS` prints its ports as JSON, reads the ports to send to as JSON, runs, and prints a
`LoadResult` as JSON. Legs are spread over the 20 ms, as calls are; each talks and is silent for half a second in
turn. The payloads of talk carry when they were sent; the kernel says when they came, so that the load's own waking up
does not count.
"""

import json
import select
import socket
import struct
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

from bench.cores import pin_urgent

_WARM_UP_S = 1.0
_PHASES = 4
_PHASE_NS = 20_000_000 // _PHASES
_SPURT_PACKETS = 25
_SILENCE = b"\xd5" * 160
_SO_TIMESTAMPNS = 35
"""Linux: recvmsg tells when the kernel took the packet (Unix time, s and ns)."""
_KERNEL_STAMP = struct.Struct("qq")
_STAMP = struct.Struct(">Q4s")
_MAGIC = b"12345"[:4]
_RTP = struct.Struct(">BBHII")


@dataclass(frozen=True)
class LoadResult:
    """expected: packets between each leg's first and last by their timestamps; delays in ms, sent to heard.

    deaf_legs: legs to which nothing came.
    """

    sent: int
    received: int
    expected: int
    delay_p50_ms: float
    delay_p99_ms: float
    cpu_s: float
    deaf_legs: int = 0


@dataclass
class Leg:
    """One phone's sound: its bound socket, and where it sends."""

    rtp: socket.socket
    target: tuple[str, int]
    received: int = 0
    first_timestamp: int = 0
    last_timestamp: int = 0


class RtpLoad:
    """The load process as its starter sees it."""

    def __init__(self, legs: int, seconds: float, cores: frozenset[int]) -> None:
        command = [sys.executable, "-m", "bench.rtp_load", str(legs), str(seconds)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        pin_urgent(self._process.pid, cores)
        assert self._process.stdout is not None
        self.ports: list[int] = json.loads(self._process.stdout.readline())

    def begin(self, targets: list[int]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(targets) + "\n")
        self._process.stdin.flush()

    def result(self) -> LoadResult:
        """Waits for its end."""
        output, _ = self._process.communicate()
        return LoadResult(**json.loads(output))


def run_load(legs: list[Leg], seconds: float) -> LoadResult:
    """Send and receive until the time is over."""
    poll = select.epoll()
    by_file = {leg.rtp.fileno(): leg for leg in legs}
    for file in by_file:
        poll.register(file, select.EPOLLIN)
    start = time.monotonic_ns()
    measure_from = start + int(_WARM_UP_S * 1e9)
    end = start + int(seconds * 1e9)
    delays: list[int] = []
    phase = 0
    while (now := time.monotonic_ns()) < end:
        due = start + phase * _PHASE_NS
        for file, _ in poll.poll(max(0, due - now) / 1e9, len(legs)):
            _receive(by_file[file], measure_from, delays)
        if time.monotonic_ns() < due:
            continue
        for leg in legs[phase % _PHASES :: _PHASES]:
            _send(leg, phase // _PHASES)
        phase += 1
    delays.sort()
    return LoadResult(
        sent=phase * len(legs) // _PHASES,
        received=sum(max(0, leg.received - 1) for leg in legs),
        expected=sum((leg.last_timestamp - leg.first_timestamp) % (1 << 32) // 160 for leg in legs),
        delay_p50_ms=_quantile(delays, 0.5),
        delay_p99_ms=_quantile(delays, 0.99),
        cpu_s=time.process_time(),
        deaf_legs=sum(not leg.received for leg in legs),
    )


def _send(leg: Leg, number: int) -> None:
    header = _RTP.pack(0x80, 8, number & 0xFFFF, number * 160 & 0xFFFFFFFF, leg.target[1])
    silent = number // _SPURT_PACKETS % 2
    payload = _SILENCE if silent else _STAMP.pack(time.time_ns(), _MAGIC).ljust(160, b"\xd5")
    leg.rtp.sendto(header + payload, leg.target)


def _receive(leg: Leg, measure_from: int, delays: list[int]) -> None:
    datagram, ancillary, _, _ = leg.rtp.recvmsg(2048, 64)
    if time.monotonic_ns() < measure_from:
        return
    timestamp = int.from_bytes(datagram[4:8], "big")
    if not leg.received:
        leg.first_timestamp = timestamp
    leg.last_timestamp = timestamp
    leg.received += 1
    if len(datagram) == 172:
        sent_ns, magic = _STAMP.unpack_from(datagram, 12)
        if magic == _MAGIC:
            seconds, ns = _KERNEL_STAMP.unpack(ancillary[0][2][: _KERNEL_STAMP.size])
            delays.append(seconds * 1_000_000_000 + ns - sent_ns)


def _quantile(ordered: list[int], quantile: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * quantile))] / 1e6 if ordered else float("nan")


def open_sockets(number: int) -> list[socket.socket]:
    """Bound UDP sockets that do not block."""
    sockets = []
    for _ in range(number):
        rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        rtp.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        rtp.bind(("127.0.0.1", 0))
        rtp.setblocking(False)
        sockets.append(rtp)
    return sockets


def main() -> None:
    sockets = open_sockets(int(sys.argv[1]))
    print(json.dumps([rtp.getsockname()[1] for rtp in sockets]), flush=True)
    targets = json.loads(sys.stdin.readline())
    legs = [Leg(rtp, ("127.0.0.1", port)) for rtp, port in zip(sockets, targets, strict=True)]
    print(json.dumps(asdict(run_load(legs, float(sys.argv[2])))), flush=True)


if __name__ == "__main__":
    main()
