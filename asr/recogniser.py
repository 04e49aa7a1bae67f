"""The port behind which every recognition engine stands. tests/asr/recogniser_contract.py is what each must pass.

Engines that hear a stream rather than clips stand behind asr.streaming, whose ContinuedClips makes them answer clips.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.errors import AudioError
from domain.g711 import RATE_HZ
from domain.speech import Correction, SpokenNumber

Samples = NDArray[np.int16]

WIDE_RATE_HZ = 16000
LONGEST_CLIP_S = 25.0
QUIET_PEAK = 40
"""Below this of 32767 (−58 dBFS) nothing on a telephone line is speech."""


class Effort(Enum):
    """PARTIAL: quick, may change. FINAL: the best that the engine can."""

    PARTIAL = 1
    FINAL = 2


@dataclass(frozen=True, eq=False)
class Clip:
    """Sound of one utterance: mono int16 samples at 8 kHz (telephone) or 16 kHz, at most LONGEST_CLIP_S long.

    utterance: a name when more may come: a later clip of that name begins with the same sound and goes on, so that an
    engine which remembers hears only what is new. phrases: a menu: nothing else is said, for engines that can use it.
    hints: what is likely to be said, besides anything else.
    asks_language: whether the final shall say in which language it is, for engines that know several.
    """

    samples: Samples
    rate_hz: int = RATE_HZ
    utterance: str = ""
    phrases: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    asks_language: bool = False

    def __post_init__(self) -> None:
        check_rate(self.rate_hz, "asr clip")
        check_samples(self.samples, "asr clip")
        if self.seconds > LONGEST_CLIP_S:
            raise AudioError(
                f"{self.seconds:.1f} s of sound", where="asr clip", remedy=f"cut it to {LONGEST_CLIP_S:.0f} s at most"
            )

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate_hz


@dataclass(frozen=True)
class Word:
    """A word as the engine spelt it. start_s, end_s: from the clip's beginning; confidence: 0..1."""

    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True)
class Hypothesis:
    """text: as it is written, simplified; log_probability: of all its tokens together, natural."""

    text: str
    log_probability: float


@dataclass(frozen=True)
class LanguageGuess:
    """(ISO 639-1 code, probability 0..1) of the likeliest languages, the likeliest first."""

    probabilities: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Heard:
    """What an engine heard in a clip.

    text: simplified characters with punctuation, "" when nobody said anything that can be understood.
    confidence: 0..1, mean probability of the words, or, where a final has char_confidence, its mean; no_speech: 0..1,
    how likely the engine thinks that nobody spoke.
    words: with their times, in order, where the engine has such; () where it has none.
    corrections: what in the text is not as the engine spelt it, in order.
    numbers: what was read out digit by digit, where the engine was asked for that.
    char_confidence: for each character of the text how likely it is right (asr.confidence; for a partial, what the
    engine gives it); () where that is not known.
    alternatives: the engine's hypotheses, the likeliest first; () where it has none.
    language: None where it was not asked for, or the engine cannot tell.
    """

    text: str
    confidence: float
    no_speech: float
    words: tuple[Word, ...] = ()
    corrections: tuple[Correction, ...] = ()
    char_confidence: tuple[float, ...] = ()
    numbers: tuple[SpokenNumber, ...] = ()
    alternatives: tuple[Hypothesis, ...] = ()
    language: LanguageGuess | None = None


NOTHING_HEARD = Heard("", 0.0, 1.0)
CROSSTALK = Heard("", 0.0, 1.0)
"""What is said of an utterance that is only the other side's voice; known by being this very one."""


def check_rate(rate_hz: int, where: str) -> None:
    """AudioError for a rate that no engine is given."""
    if rate_hz not in (RATE_HZ, WIDE_RATE_HZ):
        raise AudioError(f"{rate_hz} samples a second", where=where, remedy=f"resample to {RATE_HZ} or {WIDE_RATE_HZ}")


def check_samples(samples: Samples, where: str) -> None:
    """AudioError for more than one channel, and for other types: their bytes would be taken for loud noise."""
    if samples.ndim != 1 or samples.dtype != np.int16:
        raise AudioError(
            f"samples of shape {samples.shape} and type {samples.dtype}",
            where=where,
            remedy="give one channel of int16",
        )


def is_audible(samples: Samples) -> bool:
    """Whether the sound is loud enough to be speech anywhere."""
    return len(samples) > 0 and int(np.abs(samples.astype(np.int32)).max()) >= QUIET_PEAK


class Recogniser(Protocol):
    """A recognition engine; may be called from several threads at once."""

    name: str
    """Engine and model, as it stands in UtteranceFinal.engine."""

    continues: bool
    """Whether a clip of an utterance that it knows costs it only the new sound: no final need be foretold then."""

    def recognise(self, clips: Sequence[Clip], effort: Effort) -> list[Heard]:
        """What was said, one answer for each clip, in order. Blocks; never raises because of the sound's content.

        EngineError when the engine itself is gone or too late.
        """

    def real_time_factor(self) -> float:
        """Seconds of one worker's time that a second of speech takes at Effort.FINAL, measured now (about a second)."""
