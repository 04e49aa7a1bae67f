"""`python -m bench.flood [--seconds N]`: calls of a trunk while the SIP port is flooded by strangers.

Each flood is REGISTER requests without a password, or rubbish, from one address (which is shut out) or from many (each
below the rate, so that every request is answered by a challenge). Beside the processor time that a request costs stands
the least that sippy, the SIP library under the endpoint, needs to refuse one.
"""

import argparse
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from bench.figure import Figure, report
from bench.sip_text import SDP, Dialog, SipMessage, describe, parse

TRUNK = "127.0.0.2"
CALLS_PER_S = 20.0
ANSWER_WITHIN_S = 2.0
REPEAT_S = 0.5


@dataclass(frozen=True)
class Flood:
    """sources: addresses that it comes from."""

    name: str
    kind: str
    rate: float
    sources: int


FLOODS = (
    Flood("one_source", "register", 10_000, 1),
    Flood("many_sources", "register", 4_000, 1_000),
    Flood("rubbish", "rubbish", 10_000, 1),
)


@dataclass(frozen=True)
class Result:
    """answered_percent: of the trunk's calls. us_per_request: processor time of the target, without the calls' own."""

    answered_percent: float
    invite_to_200_p99_ms: float
    sent_per_s: float
    us_per_request: float


@contextmanager
def target(*words: str) -> Iterator[tuple[psutil.Process, str]]:
    """A process that has said its first line."""
    process = subprocess.Popen([sys.executable, "-m", *words], stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None:
            raise RuntimeError("no output to read")
        yield psutil.Process(process.pid), process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)


class TrunkCaller:
    """Calls, one after another, each answered and hung up."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((TRUNK, 0))
        self._socket.settimeout(REPEAT_S)
        self._there = ("127.0.0.1", port)
        self._calls = 0

    def call(self) -> float | None:
        """INVITE → 200 in ms; None when nothing came in time."""
        self._calls += 1
        target_uri = f"sip:12345@127.0.0.1:{self._there[1]}"
        own_port = self._socket.getsockname()[1]
        dialog = Dialog(f"call-{own_port}-{self._calls}", "13812345678", own_port, target_uri, f"<{target_uri}>")
        began = time.perf_counter()
        ok = self._ask(dialog.request("INVITE", SDP, describe(41000)), dialog.call_id)
        if ok is None:
            return None
        took_ms = (time.perf_counter() - began) * 1000
        dialog.answered(ok)
        self._socket.sendto(dialog.request("ACK"), self._there)
        self._ask(dialog.request("BYE"), dialog.call_id)
        return took_ms

    def _ask(self, request: bytes, call_id: str) -> SipMessage | None:
        method = request.partition(b" ")[0].decode()
        until_s = time.monotonic() + ANSWER_WITHIN_S
        while time.monotonic() < until_s:
            self._socket.sendto(request, self._there)
            while True:
                try:
                    answer = parse(self._socket.recv(65_535))
                except TimeoutError:
                    break
                if answer.header("call-id") == call_id and answer.method == method and answer.status >= 200:
                    return answer
        return None


def calls_for(caller: TrunkCaller, seconds: float) -> list[float | None]:
    began = time.monotonic()
    times: list[float | None] = []
    while time.monotonic() - began < seconds:
        times.append(caller.call())
        time.sleep(max(0.0, len(times) / CALLS_PER_S - (time.monotonic() - began)))
    return times


def under(flood: Flood | None, seconds: float) -> Result:
    """A fresh endpoint under this flood, or under none."""
    with target("bench.flood_target") as (process, port):
        caller = TrunkCaller(int(port))
        before_s = sum(process.cpu_times()[:2])
        source = None if flood is None else begin(flood, seconds, int(port))
        times = calls_for(caller, seconds)
        sent = int(source.communicate()[0]) if source else 0
        used_s = sum(process.cpu_times()[:2]) - before_s
    there = [value for value in times if value is not None]
    return Result(
        answered_percent=100 * len(there) / len(times),
        invite_to_200_p99_ms=statistics.quantiles(there, n=100)[98] if len(there) > 1 else float("nan"),
        sent_per_s=sent / seconds,
        us_per_request=used_s * 1e6 / sent if sent else used_s * 1e6,
    )


def begin(flood: Flood, seconds: float, port: int) -> "subprocess.Popen[str]":
    words = (flood.kind, str(flood.rate), str(seconds), str(flood.sources), str(port))
    return subprocess.Popen([sys.executable, "-m", "bench.flood_source", *words], stdout=subprocess.PIPE, text=True)


def sippy_us_per_request(seconds: float) -> float:
    """What a bare sippy uses to refuse a REGISTER, at a rate that it keeps up with."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with target("bench.bare_sippy", str(port)) as (process, _):
        before_s = sum(process.cpu_times()[:2])
        sent = int(begin(Flood("sippy", "register", 500, 1), seconds, port).communicate()[0])
        return (sum(process.cpu_times()[:2]) - before_s) * 1e6 / sent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each flood")
    parser.add_argument("--data", help="not used: this bench makes its own floods")
    seconds = parser.parse_args().seconds
    calm = under(None, seconds)
    idle_us_per_s = calm.us_per_request / seconds
    peer = sippy_us_per_request(seconds)
    figures = [Figure("calm_invite_to_200_p99_ms", calm.invite_to_200_p99_ms, "ms", None, "lower")]
    for flood in FLOODS:
        result = under(flood, seconds)
        cost_us = result.us_per_request - idle_us_per_s / max(1.0, result.sent_per_s)
        has_peer = flood.kind == "register"
        figures += [
            Figure(f"{flood.name}_requests_per_s", result.sent_per_s, "1/s", None, "higher"),
            Figure(f"{flood.name}_calls_answered", result.answered_percent, "%", 100.0, "higher"),
            Figure(f"{flood.name}_invite_to_200_p99_ms", result.invite_to_200_p99_ms, "ms", 100.0, "lower"),
            Figure(
                f"{flood.name}_us_per_request",
                cost_us,
                "us",
                None,
                "lower",
                "bare sippy, refusing" if has_peer else None,
                peer if has_peer else None,
            ),
        ]
    return report(figures)


if __name__ == "__main__":
    raise SystemExit(main())
