"""Citizens who hang up at random moments: while it rings, in the middle of the answer, of a prompt, of the waiting."""

import heapq
import random
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bench.sip_text import HOST, KEY, SDP, Dialog, SipMessage, answer, describe, parse

_REPEAT_S = 0.5
_SELDOM_S = 4.0
_PATIENCE_S = 32.0
"""RFC 3261's T1, T2 and 64 times T1: what nobody answers is sent again, ever more rarely, and for so long."""
_CANCELLED_SHARE = 0.3
_CANCEL_WITHIN_S = 0.03
_LONGEST_S = 2.0
_RECEIVE_BUFFER = 4 << 20
_RTP_PORT = 9
"""Nobody is there: what the switch says goes nowhere."""


def _open_socket() -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
    udp.bind((HOST, 0))
    return udp


@dataclass
class _Caller:
    dialog: Dialog
    invite: bytes
    heard: bool = False
    ringing: bool = True
    answered: bool = False


@dataclass
class ImpatientCallers:
    """All on one SIP socket. answered, over: how many came so far."""

    switch_port: int
    seed: int
    sip: socket.socket = field(default_factory=_open_socket)
    callers: dict[str, _Caller] = field(default_factory=dict)
    answered: int = 0
    over: int = 0
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _number: int = 0

    def run(self, count: int, rate_hz: float, limit_s: float) -> None:
        """Call `count` times at this rate, until all are over or the time is."""
        rng, started = random.Random(self.seed), time.monotonic()
        for number in range(count):
            self._at(started + number / rate_hz, partial(self._call, number, rng))
        while self.over < count and time.monotonic() < started + limit_s:
            while self._due and self._due[0][0] <= time.monotonic():
                heapq.heappop(self._due)[2]()
            wait_s = self._due[0][0] - time.monotonic() if self._due else 0.1
            if select.select([self.sip], [], [], max(0.0, min(0.1, wait_s)))[0]:
                self._take(parse(self.sip.recv(65535)))
        self.sip.close()

    def _call(self, number: int, rng: random.Random) -> None:
        uri = f"sip:12345@{HOST}:{self.switch_port}"
        dialog = Dialog(f"soak{number}", f"137{number:08d}", self.sip.getsockname()[1], uri, f"<{uri}>")
        caller = _Caller(dialog, dialog.request("INVITE", SDP, describe(_RTP_PORT)))
        self.callers[dialog.call_id] = caller
        self._invite(caller, _REPEAT_S)
        now = time.monotonic()
        if rng.random() < _CANCELLED_SHARE:
            self._at(now + rng.uniform(0, _CANCEL_WITHIN_S), partial(self._cancel, caller))
        up_s = rng.uniform(0, _LONGEST_S)
        self._at(now + rng.uniform(0, up_s), partial(self._press, caller))
        self._at(now + up_s, partial(self._hang_up, caller, _REPEAT_S, now + up_s + _PATIENCE_S))

    def _invite(self, caller: _Caller, again_after_s: float) -> None:
        """Until anything is heard of it: a datagram may be lost on its way to a process that has no time for it."""
        if not caller.heard and again_after_s < _PATIENCE_S:
            self._send(caller.invite)
            self._at(time.monotonic() + again_after_s, partial(self._invite, caller, 2 * again_after_s))

    def _cancel(self, caller: _Caller) -> None:
        if caller.ringing:
            self._send(caller.invite.replace(b"INVITE ", b"CANCEL ", 1).replace(b"1 INVITE\r\n", b"1 CANCEL\r\n"))

    def _press(self, caller: _Caller) -> None:
        if caller.answered:
            self._send(caller.dialog.request("INFO", KEY, "Signal=0\r\nDuration=160\r\n"))

    def _hang_up(self, caller: _Caller, again_after_s: float, until: float) -> None:
        """BYE until somebody says that the call is over; a call that still rings is cancelled."""
        now = time.monotonic()
        if caller.dialog.call_id not in self.callers or now > until:
            return
        if caller.answered:
            self._send(caller.dialog.request("BYE"))
        else:
            self._cancel(caller)
        self._at(now + again_after_s, partial(self._hang_up, caller, min(_SELDOM_S, 2 * again_after_s), until))

    def _take(self, message: SipMessage) -> None:
        caller = self.callers.get(message.header("call-id"))
        if not message.status:
            if message.method != "ACK":
                self._send(answer(message, "200 OK", "soak"))
            if caller is not None and message.method == "BYE":
                self._end(caller)
        elif caller is not None:
            caller.heard |= message.method == "INVITE"
            if message.status < 200:
                return
            if message.method == "INVITE":
                self._on_final(caller, message)
            elif message.method == "BYE":
                self._end(caller)

    def _on_final(self, caller: _Caller, message: SipMessage) -> None:
        caller.ringing = False
        if message.status == 200:
            self.answered += not caller.answered
            caller.answered = True
            caller.dialog.answered(message)
            self._send(caller.dialog.request("ACK"))
            return
        ack = caller.invite.partition(b"\r\n\r\n")[0].replace(b"INVITE ", b"ACK ", 1)
        self._send(ack.replace(b"1 INVITE\r\n", b"1 ACK\r\n") + b"\r\nContent-Length: 0\r\n\r\n")
        self._end(caller)

    def _end(self, caller: _Caller) -> None:
        if self.callers.pop(caller.dialog.call_id, None) is not None:
            self.over += 1

    def _at(self, when: float, action: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._due, (when, self._number, action))

    def _send(self, datagram: bytes) -> None:
        self.sip.sendto(datagram, (HOST, self.switch_port))
