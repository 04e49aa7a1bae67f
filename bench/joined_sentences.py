"""Recorded sentences run together without a speaker's breath: sound of which it is known when parts of it begin."""

from dataclasses import dataclass

import numpy as np

from asr.recogniser import WIDE_RATE_HZ, Samples
from asr.telephone import telephone_alaw
from bench.active_speech import FRAME_MS, Wave, active_threshold_db, levels_db, voice_of
from bench.recordings import Sentence
from domain.g711 import alaw_decode

_PAUSES_MS = (0, 50, 150, 300, 400)
_BEFORE_MS, _BEHIND_MS = 500, 1000
_LONGEST_PIECE_S = 4.0
_LONGEST_S = 13.0
_LOUD_DB = 10.0
_STEADY_FRAMES = 6
_SOON_FRAMES = 8
_PER_MS = WIDE_RATE_HZ // 1000


@dataclass(frozen=True, eq=False)
class Piece:
    """One sentence from the beginning of its voice to the end of it. floor: the level of its room's noise."""

    text: str
    voice: Wave
    floor: float


@dataclass(frozen=True, eq=False)
class Joined:
    """texts: what is said, one piece after the other; starts_ms: when the voice of each begins; samples: at 8 kHz."""

    texts: tuple[str, ...]
    starts_ms: tuple[int, ...]
    samples: Samples


def pieces(spoken: list[Sentence]) -> list[Piece]:
    """Of the short ones among the sentences, those that begin clearly: not with a click, a breath or too faintly."""
    out = []
    for sentence in spoken:
        wide = (sentence.wide / 32768).astype(np.float32)
        voiced = np.flatnonzero(voice_of(wide, WIDE_RATE_HZ))
        if not len(voiced) or not _begins_clearly(wide, int(voiced[0])):
            continue
        first, end = (int(frame) * FRAME_MS * _PER_MS for frame in (voiced[0], voiced[-1] + 1))
        quiet = np.concatenate([wide[:first], wide[end:]])
        floor = float(np.sqrt(np.mean(quiet**2))) if len(quiet) else 0.0
        if end - first <= _LONGEST_PIECE_S * WIDE_RATE_HZ:
            out.append(Piece(sentence.transcript, wide[first:end], floor))
    return out


def joined(chosen: list[Piece], rng: np.random.Generator) -> Joined:
    """The pieces with pauses of 0 to 400 ms of their rooms' noise between them, as a telephone sends them."""
    parts = [_noise(_BEFORE_MS, chosen[0], rng)]
    texts, starts_ms = [], []
    for piece in chosen:
        starts_ms.append(sum(map(len, parts)) // _PER_MS)
        texts.append(piece.text)
        parts += [piece.voice, _noise(int(rng.choice(_PAUSES_MS)), piece, rng)]
    parts.append(_noise(_BEHIND_MS, chosen[-1], rng))
    sound = np.concatenate(parts)
    return Joined(tuple(texts), tuple(starts_ms), alaw_decode(telephone_alaw(sound, WIDE_RATE_HZ)).reshape(-1))


def joined_sentences(spoken: list[Sentence], count: int, seed: int = 12345) -> list[Joined]:
    """So many, each of three to five pieces drawn from the sentences, and of 13 s at most."""
    rng = np.random.default_rng(seed)
    known = pieces(spoken)
    out = []
    for _ in range(count):
        picked = [known[place] for place in rng.choice(len(known), min(len(known), int(rng.integers(3, 6))), False)]
        while len(picked) > 1 and sum(len(piece.voice) for piece in picked) > _LONGEST_S * WIDE_RATE_HZ:
            picked.pop()
        out.append(joined(picked, rng))
    return out


def _begins_clearly(wide: Wave, first: int) -> bool:
    """Whether soon after this frame, the first above the threshold of speech, the sound is loud and stays so."""
    loud = levels_db(wide, WIDE_RATE_HZ) > active_threshold_db(wide, WIDE_RATE_HZ) + _LOUD_DB
    return any(loud[at : at + _STEADY_FRAMES].all() for at in range(first, first + _SOON_FRAMES))


def _noise(length_ms: int, piece: Piece, rng: np.random.Generator) -> Wave:
    noise: Wave = rng.normal(0, piece.floor, length_ms * _PER_MS).astype(np.float32)
    return noise
