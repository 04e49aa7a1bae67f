"""Calls at a steady rate from a process of its own, each timed by the kernel's clock of its packets.

`python -m bench.sip_load RATE SECONDS HOLD_S` prints its SIP port as JSON, reads the port to call as JSON, calls,
and prints an `InviteResult` as JSON. Whoever registers at its port meanwhile is welcome.
"""

import json
import select
import socket
import struct
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field

from bench.cores import pin_urgent
from bench.sip_text import HOST, SDP, Dialog, SipMessage, answer, describe, parse

_GRACE_S = 5.0
_SO_TIMESTAMPNS = 35
"""Linux: recvmsg tells when the kernel took the packet (Unix, s and ns), so that our own waking up does not count."""
_STAMP = struct.Struct("qq")
_PACKET_NS = 20_000_000
_SILENT = frozenset(b"\xd5\x55")


@dataclass(frozen=True)
class InviteResult:
    """Times in ms, one for each call that came so far. first_sound_ms: ACK to the first packet that is not silence.

    packets: RTP that came; packets_due: one each 20 ms from each call's first one to our BYE.
    """

    called: int
    invite_to_200_ms: list[float]
    ack_to_first_packet_ms: list[float]
    ack_to_first_sound_ms: list[float]
    packets: int
    packets_due: int


@dataclass
class _Call:
    """Times: Unix, ns; 0: not yet."""

    dialog: Dialog
    rtp: socket.socket
    invited_ns: int = 0
    answered_ns: int = 0
    acknowledged_ns: int = 0
    first_packet_ns: int = 0
    first_sound_ns: int = 0
    packets: int = 0
    packets_due: int = 0
    over: bool = False


@dataclass
class InviteLoad:
    """One caller with many calls. sip: a bound UDP socket; target_port: whom to call."""

    sip: socket.socket
    poll: select.epoll
    target_port: int = 0
    calls: dict[str, _Call] = field(default_factory=dict)
    by_file: dict[int, _Call] = field(default_factory=dict)

    def run(self, rate_hz: float, seconds: float, hold_s: float) -> InviteResult:
        """Call at absolute times; each call lasts hold_s from its answer."""
        started, count = time.monotonic(), round(rate_hz * seconds)
        end = started + seconds + hold_s + _GRACE_S
        while time.monotonic() < end:
            due = started + len(self.calls) / rate_hz
            if len(self.calls) < count and time.monotonic() >= due:
                self._call(len(self.calls))
                continue
            self._hang_up(hold_s)
            if len(self.calls) == count and all(call.over for call in self.calls.values()):
                break
            next_s = due - time.monotonic() if len(self.calls) < count else 0.05
            self.receive(max(0.0, min(0.05, next_s)))
        return self._result()

    def receive(self, timeout_s: float) -> bool:
        """Take what has come; whether something came on a file that is not ours."""
        foreign = False
        for file, _ in self.poll.poll(timeout_s):
            if file == self.sip.fileno():
                datagram, at_ns, source = _take(self.sip)
                self._on_sip(parse(datagram), at_ns, source)
            elif file in self.by_file:
                self._on_rtp(self.by_file[file])
            else:
                foreign = True
        return foreign

    def _call(self, number: int) -> None:
        rtp = _open_socket()
        uri = f"sip:12345@{HOST}:{self.target_port}"
        call_id = f"bench{self.target_port}n{number}"
        call = _Call(Dialog(call_id, f"139{number:08d}", self.sip.getsockname()[1], uri, f"<{uri}>"), rtp)
        self.calls[call_id] = self.by_file[rtp.fileno()] = call
        self.poll.register(rtp, select.EPOLLIN)
        invite = call.dialog.request("INVITE", SDP, describe(rtp.getsockname()[1]))
        call.invited_ns = time.time_ns()
        self._send(invite)

    def _hang_up(self, hold_s: float) -> None:
        now_ns = time.time_ns()
        for call in self.calls.values():
            if not call.over and call.answered_ns and now_ns > call.answered_ns + hold_s * 1e9:
                call.over = True
                if call.packets:
                    call.packets_due = (now_ns - call.first_packet_ns) // _PACKET_NS
                self._send(call.dialog.request("BYE"))
                self.poll.unregister(call.rtp)
                del self.by_file[call.rtp.fileno()]
                call.rtp.close()

    def _on_sip(self, message: SipMessage, at_ns: int, source: tuple[str, int]) -> None:
        if not message.status:
            if message.method != "ACK":
                expires = (("Contact", message.header("contact")), ("Expires", "600"))
                self.sip.sendto(answer(message, "200 OK", "bench", expires), source)
            return
        call = self.calls.get(message.header("call-id"))
        if call is None or message.method != "INVITE" or message.status < 200:
            return
        if message.status == 200:
            call.answered_ns = call.answered_ns or at_ns
            call.dialog.answered(message)
        self._send(call.dialog.request("ACK"))
        call.acknowledged_ns = call.acknowledged_ns or time.time_ns()

    def _on_rtp(self, call: _Call) -> None:
        datagram, at_ns, _ = _take(call.rtp)
        call.packets += 1
        call.first_packet_ns = call.first_packet_ns or at_ns
        if not call.first_sound_ns and not _SILENT.issuperset(datagram[12:]):
            call.first_sound_ns = at_ns

    def _send(self, datagram: bytes) -> None:
        self.sip.sendto(datagram, (HOST, self.target_port))

    def _result(self) -> InviteResult:
        calls = [call for call in self.calls.values() if call.answered_ns]
        return InviteResult(
            called=len(self.calls),
            invite_to_200_ms=[(call.answered_ns - call.invited_ns) / 1e6 for call in calls],
            ack_to_first_packet_ms=_since_ack([(call, call.first_packet_ns) for call in calls]),
            ack_to_first_sound_ms=_since_ack([(call, call.first_sound_ns) for call in calls]),
            packets=sum(call.packets for call in calls),
            packets_due=sum(call.packets_due for call in calls),
        )


def _since_ack(times: list[tuple[_Call, int]]) -> list[float]:
    """A packet that came before our ACK counts as at once."""
    return [max(0.0, (at_ns - call.acknowledged_ns) / 1e6) for call, at_ns in times if at_ns]


def _take(udp: socket.socket) -> tuple[bytes, int, tuple[str, int]]:
    """A datagram, when the kernel took it (Unix, ns), and from whom."""
    datagram, ancillary, _, source = udp.recvmsg(65535, 64)
    for _, kind, data in ancillary:
        if kind == _SO_TIMESTAMPNS:
            seconds, ns = _STAMP.unpack(data[: _STAMP.size])
            return datagram, seconds * 1_000_000_000 + ns, source
    return datagram, time.time_ns(), source


def _open_socket() -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    udp.bind((HOST, 0))
    udp.setblocking(False)
    return udp


class SipLoad:
    """The load process as its starter sees it. port: where it speaks SIP."""

    def __init__(self, rate_hz: float, seconds: float, hold_s: float, cores: frozenset[int]) -> None:
        command = [sys.executable, "-m", "bench.sip_load", str(rate_hz), str(seconds), str(hold_s)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        pin_urgent(self._process.pid, cores)
        assert self._process.stdout is not None
        self.port: int = json.loads(self._process.stdout.readline())

    def call(self, target_port: int) -> InviteResult:
        """Waits for the end."""
        output, _ = self._process.communicate(json.dumps(target_port) + "\n")
        return InviteResult(**json.loads(output))


def main() -> None:
    rate_hz, seconds, hold_s = (float(word) for word in sys.argv[1:4])
    load = InviteLoad(_open_socket(), select.epoll())
    load.poll.register(load.sip, select.EPOLLIN)
    load.poll.register(sys.stdin, select.EPOLLIN)
    print(json.dumps(load.sip.getsockname()[1]), flush=True)
    while not load.receive(1.0):
        """Until we are told whom to call, phones may register."""
    load.poll.unregister(sys.stdin)
    load.target_port = json.loads(sys.stdin.readline())
    print(json.dumps(asdict(load.run(rate_hz, seconds, hold_s))), flush=True)


if __name__ == "__main__":
    main()
