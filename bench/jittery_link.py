"""The jitter buffer over links of which each packet's delay is known: its gaps and its delay, in virtual time.

Beside it the same buffer that is not told when packets came, as on a system that does not say: it keeps its first 20 ms
for ever. Each link is run with the phone's packets at every ms of the tick.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.figure import Figure, percentile
from domain.g711 import ALAW_DECODE, BYTES_PER_FRAME, FRAME_MS
from telephony.media.jitter import JitterBuffer

_PACKETS = 2000
_TURN_PACKETS, _TALK_PACKETS = 75, 45
_DIGITS = 8
_QUIET = bytes(code for code in range(256) if abs(int(ALAW_DECODE[code])) < 200)[:16]
_LOUD = bytes(code for code in range(256) if abs(int(ALAW_DECODE[code])) > 2000)[:16]

Delay = Callable[[random.Random], float]
"""One packet's delay on the link in ms, beyond the shortest."""


def even(most_ms: float) -> Delay:
    """Anything up to `most_ms`."""
    return lambda rng: rng.uniform(0, most_ms)


def tailed(jitter_ms: float) -> Delay:
    """Mostly little, sometimes three times `jitter_ms`: the queue of a router."""
    return lambda rng: min(rng.expovariate(4 / jitter_ms), 3 * jitter_ms)


def spiked(most_ms: float) -> Delay:
    """Calm, but for one packet of five hundred."""
    return lambda rng: rng.uniform(0, most_ms) if rng.random() < 0.002 else rng.uniform(0, 1)


LINKS: dict[str, Delay] = {
    "calm": even(1),
    "jitter_5": even(5),
    "jitter_10": even(10),
    "jitter_20": even(20),
    "jitter_30": even(30),
    "tailed_10": tailed(10),
    "tailed_20": tailed(20),
    "tailed_30": tailed(30),
    "spikes_20": spiked(20),
}


@dataclass
class Heard:
    """gaps: frames of nothing between the first and the last sound; lost: packets with talk that nobody heard."""

    packets: int = 0
    gaps: int = 0
    lost: int = 0
    delays_ms: list[float] = field(default_factory=list)

    def add(self, other: "Heard") -> None:
        self.packets += other.packets
        self.gaps += other.gaps
        self.lost += other.lost
        self.delays_ms += other.delays_ms

    @property
    def gaps_per_1000(self) -> float:
        return 1000 * self.gaps / self.packets


def hear_link(delay: Delay, *, phase_ms: float, seed: int, stamped: bool) -> Heard:
    """One call over the link; its phone sends so long after a tick. stamped: the buffer is told when packets came."""
    rng, buffer, heard = random.Random(seed), JitterBuffer(), Heard(_PACKETS)
    ways = sorted((FRAME_MS * number + phase_ms + delay(rng), number) for number in range(_PACKETS))
    place, missing = 0, {number for number in range(_PACKETS) if _talks(number)}
    for tick_ms in range(FRAME_MS, FRAME_MS * _PACKETS, FRAME_MS):
        while ways[place][0] <= tick_ms:
            came_ms, number = ways[place]
            waited_ms = int(tick_ms - came_ms) if stamped else 0
            buffer.push(number, number * BYTES_PER_FRAME, _payload(number), waited_ms)
            place += 1
        frame = buffer.pull()
        if frame is not None:
            number = _number(frame)
            missing.discard(number)
            heard.delays_ms.append(tick_ms - FRAME_MS * number - phase_ms)
        elif heard.delays_ms:
            heard.gaps += 1
    heard.lost = sum(number < _PACKETS - _TURN_PACKETS for number in missing)
    return heard


def hear_links(delay: Delay, *, stamped: bool) -> Heard:
    """A call for each ms of the tick."""
    whole = Heard()
    for phase in range(FRAME_MS):
        whole.add(hear_link(delay, phase_ms=phase + 0.5, seed=phase, stamped=stamped))
    return whole


def _talks(number: int) -> bool:
    return number % _TURN_PACKETS < _TALK_PACKETS


def _payload(number: int) -> bytes:
    """A frame that says its number, in loud codes or in quiet ones."""
    codes = _LOUD if _talks(number) else _QUIET
    return bytes(codes[number >> 4 * place & 15] for place in range(_DIGITS)) * (BYTES_PER_FRAME // _DIGITS)


def _number(frame: bytes) -> int:
    codes = _QUIET if frame[0] in _QUIET else _LOUD
    return sum(codes.index(frame[place]) << 4 * place for place in range(_DIGITS))


def link_figures() -> list[Figure]:
    """Of each link its gaps, and its delay beyond the link's shortest."""
    figures = []
    for name, delay in LINKS.items():
        ours, peer = (hear_links(delay, stamped=stamped) for stamped in (True, False))
        beside = "told no arrivals"
        most = 1.0 if name.startswith("spikes") else max(peer.gaps_per_1000, 0.05)
        target_ms = 40.0 if name == "calm" else None
        figures += [
            Figure(f"link_{name}_gaps_per_1000", ours.gaps_per_1000, "", most, "lower", beside, peer.gaps_per_1000),
            Figure(f"link_{name}_talk_lost", ours.lost, "packets", peer.lost, "lower", beside, peer.lost),
        ]
        for quantile, target in ((50, None), (99, target_ms)):
            value, other = (percentile(one.delays_ms, quantile) for one in (ours, peer))
            figures.append(Figure(f"link_{name}_delay_p{quantile}_ms", value, "ms", target, "lower", beside, other))
    return figures
