"""Recordings of calls put together from a folder of sentences: two people by turns, A-law, one channel each. Pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from asr.recogniser import Samples
from bench.recordings import Sentence
from domain.g711 import RATE_HZ, alaw_decode, alaw_encode
from domain.side import Side

TALK_S = 203.5
"""How long people talk on average, of 103 cities' hotlines (2021)."""
_IN_A_TURN = (1, 4)
_PAUSE_S = (0.1, 0.9)
"""Between two sentences, beside the silence that each has of its own."""
_LINE_NOISE = 8.0
"""Standard deviation, of 32767: −72 dBFS, a quiet line."""


@dataclass(frozen=True, eq=False)
class CallRecording:
    """samples: (n, 2) at 8 kHz, the citizen left, after A-law; said: each side's words, in order."""

    samples: Samples
    said: dict[Side, str]

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE_HZ


def call_recordings(spoken: list[Sentence]) -> Iterator[CallRecording]:
    """Each sentence once, in calls of about TALK_S; the same ones each time."""
    chance, noise = random.Random(12345), np.random.default_rng(12345)
    waiting = list(spoken)
    while waiting:
        pieces: list[tuple[Side, Sentence, float]] = []
        seconds, side = 0.0, Side.AGENT
        while waiting and seconds < TALK_S:
            for _ in range(min(len(waiting), chance.randint(*_IN_A_TURN))):
                pieces.append((side, waiting.pop(0), chance.uniform(*_PAUSE_S)))
                seconds += pieces[-1][1].seconds + pieces[-1][2]
            side = Side.CALLER if side is Side.AGENT else Side.AGENT
        yield _put_together(pieces, noise)


def _put_together(pieces: list[tuple[Side, Sentence, float]], noise: np.random.Generator) -> CallRecording:
    length = sum(len(sentence.alaw) + round(pause_s * RATE_HZ) for _, sentence, pause_s in pieces)
    channels = {side: noise.normal(0.0, _LINE_NOISE, length).astype(np.int16) for side in Side}
    said = dict.fromkeys(Side, "")
    place = 0
    for side, sentence, pause_s in pieces:
        place += round(pause_s * RATE_HZ)
        channels[side][place : place + len(sentence.alaw)] = sentence.samples
        place += len(sentence.alaw)
        said[side] += sentence.transcript
    both = [alaw_decode(alaw_encode(channels[side])).reshape(-1) for side in (Side.CALLER, Side.AGENT)]
    return CallRecording(np.stack(both, axis=1), said)
