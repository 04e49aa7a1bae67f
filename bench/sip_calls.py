"""Citizens and agents' phones in a process of their own: calls that our switch bridges, with real RTP on both sides.

`python -m bench.sip_calls PORT CALLS SECONDS` registers CALLS phones (extensions from 1001 on, all with `PASSWORD`) at
the switch on PORT, prints how many as JSON, waits for a line, calls, presses 0, and when every caller has an agent
prints a line, sends RTP for SECONDS, hangs up, and prints a `CallsResult`.
"""

import json
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from bench.cores import pin_urgent
from bench.rtp_load import Leg, LoadResult, open_sockets, run_load
from bench.sip_text import HOST, KEY, SDP, Dialog, SipMessage, answer, authorization, describe, parse

PASSWORD = "bench-password"  # noqa: S105 - of phones that exist for one run, on loopback
FIRST_EXTENSION = 1001
_CALLS_A_SECOND = 10
_SETTLE_S = 60.0
_PARTING_S = 3.0


@dataclass(frozen=True)
class CallsResult:
    """up_ms: by the caller's number, from its 200 OK to its BYE."""

    load: LoadResult
    up_ms: dict[str, float]


@dataclass
class _Citizen:
    dialog: Dialog
    rtp: socket.socket
    media_port: int = 0
    answered_s: float = 0.0


@dataclass
class Phones:
    """All phones of the bench on one SIP socket. agents: by Call-ID an agent's socket and the switch's port for it."""

    sip: socket.socket
    switch_port: int
    agent_rtp: list[socket.socket]
    citizens: dict[str, _Citizen] = field(default_factory=dict)
    registering: dict[str, Dialog] = field(default_factory=dict)
    agents: dict[str, tuple[socket.socket, int]] = field(default_factory=dict)
    connected: set[str] = field(default_factory=set)

    def register(self, count: int) -> int:
        """Register the phones; how many were taken."""
        for number in range(FIRST_EXTENSION, FIRST_EXTENSION + count):
            uri = f"sip:{HOST}:{self.switch_port}"
            dialog = Dialog(f"register{number}", str(number), self._port, uri, f"<sip:{number}@{HOST}>")
            self.registering[dialog.call_id] = dialog
            self._send(dialog.request("REGISTER", (("Expires", "600"),)))
        self._until(lambda: not self.registering, _SETTLE_S)
        return count - len(self.registering)

    def connect(self, sockets: list[socket.socket]) -> list[Leg]:
        """Call from each socket until all have an agent; the legs of both sides. RuntimeError when some have none."""
        started = time.monotonic()
        for number, rtp in enumerate(sockets):
            self._until(lambda: False, started + number / _CALLS_A_SECOND - time.monotonic())
            uri = f"sip:12345@{HOST}:{self.switch_port}"
            dialog = Dialog(f"citizen{number}", f"138{number:08d}", self._port, uri, f"<{uri}>")
            self.citizens[dialog.call_id] = _Citizen(dialog, rtp)
            self._send(dialog.request("INVITE", SDP, describe(rtp.getsockname()[1])))
        self._until(lambda: len(self.connected) == len(sockets), _SETTLE_S)
        if len(self.connected) < len(sockets):
            raise RuntimeError(f"only {len(self.connected)} of {len(sockets)} callers have an agent")
        ends = [(citizen.rtp, citizen.media_port) for citizen in self.citizens.values()]
        return [Leg(rtp, (HOST, port)) for rtp, port in [*ends, *self.agents.values()]]

    def hang_up(self) -> dict[str, float]:
        """BYE from every citizen; how long each call was up."""
        up_ms = {}
        for citizen in self.citizens.values():
            up_ms[citizen.dialog.user] = (time.monotonic() - citizen.answered_s) * 1000
            self._send(citizen.dialog.request("BYE"))
        self._until(lambda: not self.connected, _PARTING_S)
        return up_ms

    @property
    def _port(self) -> int:
        return int(self.sip.getsockname()[1])

    def _until(self, done: Callable[[], bool], seconds: float) -> None:
        """Serve the SIP socket until `done` or the time is over."""
        end = time.monotonic() + seconds
        while not done() and (left_s := end - time.monotonic()) > 0:
            if select.select([self.sip], [], [], left_s)[0]:
                message = parse(self.sip.recv(65535))
                if message.status:
                    self._on_response(message)
                else:
                    self._on_request(message)

    def _on_response(self, response: SipMessage) -> None:
        call_id = response.header("call-id")
        if response.method == "REGISTER":
            self._on_registered(call_id, response)
        elif response.method == "INVITE" and response.status == 200:
            citizen = self.citizens[call_id]
            first = not citizen.answered_s
            citizen.answered_s = citizen.answered_s or time.monotonic()
            citizen.media_port = response.media_port
            citizen.dialog.answered(response)
            self._send(citizen.dialog.request("ACK"))
            if first:
                self._send(citizen.dialog.request("INFO", KEY, "Signal=0\r\nDuration=160\r\n"))

    def _on_registered(self, call_id: str, response: SipMessage) -> None:
        dialog = self.registering.get(call_id)
        if dialog is None:
            return
        if response.status == 401:
            challenge = response.header("www-authenticate")
            words = authorization(challenge, dialog.user, PASSWORD, "REGISTER", dialog.target)
            self._send(dialog.request("REGISTER", (("Expires", "600"), ("Authorization", words))))
        elif response.status == 200:
            del self.registering[call_id]

    def _on_request(self, request: SipMessage) -> None:
        call_id, method = request.header("call-id"), request.method
        if method == "ACK":
            self.connected.add(call_id)
            return
        if method == "INVITE":
            rtp = self.agents[call_id][0] if call_id in self.agents else self.agent_rtp.pop()
            self.agents[call_id] = (rtp, request.media_port)
            contact = ("Contact", f"<sip:agent@{HOST}:{self._port}>")
            self._send(answer(request, "200 OK", "agent", (contact, *SDP), describe(rtp.getsockname()[1])))
            return
        if method == "BYE":
            self.connected.discard(call_id)
        self._send(answer(request, "200 OK", "agent"))

    def _send(self, datagram: bytes) -> None:
        self.sip.sendto(datagram, (HOST, self.switch_port))


class SipCalls:
    """The process as its starter sees it."""

    def __init__(self, switch_port: int, calls: int, seconds: float, cores: frozenset[int]) -> None:
        command = [sys.executable, "-m", "bench.sip_calls", str(switch_port), str(calls), str(seconds)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        pin_urgent(self._process.pid, cores)
        self.registered: int = json.loads(self._line())

    def connect(self) -> None:
        """Waits until every caller has an agent."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self._line()

    def result(self) -> CallsResult:
        """Waits for the end."""
        raw = json.loads(self._line())
        self._process.wait()
        return CallsResult(LoadResult(**raw["load"]), raw["up_ms"])

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the phones ended with status {self._process.wait()}")
        return line


def main() -> None:
    port, calls, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    citizens, agents = open_sockets(calls), open_sockets(calls)
    phones = Phones(open_sockets(1)[0], port, agents)
    print(json.dumps(phones.register(calls)), flush=True)
    sys.stdin.readline()
    legs = phones.connect(citizens)
    print(json.dumps(len(legs)), flush=True)
    load = run_load(legs, seconds)
    up_ms = phones.hang_up()
    print(json.dumps(asdict(CallsResult(load, up_ms))), flush=True)


if __name__ == "__main__":
    main()
