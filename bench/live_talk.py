"""Conversations of live calls: who says what after which pause, and when its voice really ended."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.recordings import sentences
from domain.g711 import RATE_HZ, alaw_decode
from domain.side import Side
from hotline.config import Settings
from hotline.demo_script import load_demo_script, spoken_turns
from hotline.phone_line import PhoneLine, silence
from hotline.prompts import synthesiser_opener

_BLOCK = 160
_QUIET_SHARE = 0.05
_PAUSES_S = (0.7, 1.6)


@dataclass(frozen=True)
class Turn:
    """alaw: one side's words after a telephone; pause_s: silence before them."""

    side: Side
    words: str
    alaw: bytes
    pause_s: float

    @property
    def seconds(self) -> float:
        return len(self.alaw) / RATE_HZ


@dataclass(frozen=True)
class SpokenTurn:
    """A turn that was said. began_ms, ended_ms: wall clock (Unix, ms) of its first sound and its voice's end."""

    turn: Turn
    began_ms: float
    ended_ms: float


def demo_turns(settings: Settings) -> list[Turn]:
    """The demo's conversation from the first turn to an agent on, in its synthesised voices."""
    spoken = spoken_turns(load_demo_script(), settings, synthesiser_opener(settings))
    return [Turn(each.turn.side, each.turn.text, each.alaw, each.turn.pause_ms / 1000) for each in spoken[1:]]


def recorded_turns(folder: Path) -> list[Turn]:
    """Real people's sentences, by turns the citizen's and the agent's."""
    chance = np.random.default_rng(11)
    sides = tuple(Side)
    return [
        Turn(sides[number % 2], sentence.transcript, sentence.alaw, float(chance.uniform(*_PAUSES_S)))
        for number, sentence in enumerate(sentences(folder))
    ]


def quiet_tail_s(alaw: bytes) -> float:
    """How long before its end the sound's voice ends: blocks of 20 ms below a twentieth of its loud ones are quiet."""
    samples = alaw_decode(alaw).reshape(-1).astype(np.float64)
    blocks = samples[: len(samples) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    loudness = np.sqrt((blocks**2).mean(axis=1))
    heard = np.flatnonzero(loudness > _QUIET_SHARE * np.percentile(loudness, 95))
    return (len(samples) - (int(heard[-1]) + 1) * _BLOCK) / RATE_HZ if heard.size else 0.0


@dataclass
class LiveTalk:
    """One call's conversation on its two telephones; `first`: at which turn it begins, so that calls differ."""

    turns: list[Turn]
    first: int
    spoken: list[SpokenTurn] = field(default_factory=list)

    async def hold(self, citizen: PhoneLine, agent: PhoneLine, until_s: float) -> None:
        """Turn after turn, and over again, until no further one fits before until_s (monotonic)."""
        for turn in self._endless():
            if time.monotonic() + turn.pause_s + turn.seconds > until_s or citizen.over:
                return
            line = citizen if turn.side is Side.CALLER else agent
            await line.speak(silence(turn.pause_s))
            began_ms = time.time() * 1000
            await line.speak(turn.alaw)
            ended_ms = time.time() * 1000 - quiet_tail_s(turn.alaw) * 1000
            self.spoken.append(SpokenTurn(turn, began_ms, ended_ms))

    def _endless(self) -> Iterator[Turn]:
        number = self.first
        while True:
            yield self.turns[number % len(self.turns)]
            number += 1
