"""Transcription of a whole recording, when nobody waits for it: after the call, or by hand."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from asr.char_times import char_times, char_times_of_words
from asr.endpointing import Endpointer, Frame, VoiceEnded
from asr.recogniser import WIDE_RATE_HZ, Clip, Effort, Recogniser, Samples
from asr.settings import AsrSettings
from asr.stream import endpoint_rules
from asr.telephone import as_int16, resampled
from asr.vad import OpenDetector, frame_rms
from domain.errors import AudioError
from domain.g711 import RATE_HZ
from domain.side import Side

_LOG = structlog.get_logger(__name__)
_LOWEST_RATE_HZ = 4000
_SIDES = (Side.CALLER, Side.AGENT)
_BATCH = 4


@dataclass(frozen=True)
class OfflineUtterance:
    """What was said. Times in ms from the recording's beginning; char_ms and confidence as in UtteranceFinal."""

    side: Side
    start_ms: int
    end_ms: int
    text: str
    char_ms: tuple[int, ...]
    confidence: float


@dataclass(frozen=True)
class _Piece:
    side: Side
    ended: VoiceEnded
    sound_from_ms: int
    clip: Clip


def transcribe(
    samples: NDArray[np.int16] | NDArray[np.float32],
    rate_hz: int,
    engine: Recogniser,
    open_detector: OpenDetector,
    settings: AsrSettings | None = None,
) -> list[OfflineUtterance]:
    """What is said in a recording, in order of time.

    samples: (n,) or (n, 1) mono, taken for the caller's side, or (n, 2) with the caller left and the agent right; int16
    or float −1..1; any rate from 4 kHz up: it is recognised at 16 kHz when it has more than the telephone's band.
    Two channels of the very same sound are one: a recorder put it into both, and nobody said it twice. AudioError for
    other shapes. Takes about a tenth of the recording's duration.
    """
    channels = _channels(samples, rate_hz)
    if len(channels) == 2 and np.array_equal(channels[0], channels[1]):
        _LOG.warning("both channels are the same sound: who speaks is not known", seconds=len(samples) // rate_hz)
        channels = channels[:1]
    settings = settings or AsrSettings()
    pieces = [
        piece
        for side, channel in zip(_SIDES, channels, strict=False)
        for piece in _pieces(side, channel, rate_hz, open_detector, settings)
    ]
    pieces.sort(key=lambda piece: len(piece.clip.samples))
    utterances = []
    for at in range(0, len(pieces), _BATCH):
        batch = pieces[at : at + _BATCH]
        for piece, heard in zip(batch, engine.recognise([one.clip for one in batch], Effort.FINAL), strict=True):
            if heard.text:
                by_words = char_times_of_words(heard.text, heard.words, piece.sound_from_ms)
                times = by_words or char_times(heard.text, piece.ended.voiced)
                ended = piece.ended
                utterances.append(
                    OfflineUtterance(piece.side, ended.start_ms, ended.end_ms, heard.text, times, heard.confidence)
                )
    return sorted(utterances, key=lambda utterance: (utterance.start_ms, utterance.side))


def _channels(samples: NDArray[np.int16] | NDArray[np.float32], rate_hz: int) -> list[NDArray[np.float32]]:
    grid = samples[:, None] if samples.ndim == 1 else samples
    if grid.ndim != 2 or grid.shape[1] not in (1, 2) or rate_hz < _LOWEST_RATE_HZ:
        raise AudioError(
            f"a recording of shape {samples.shape} at {rate_hz} Hz",
            where="transcribe",
            remedy="give one or two channels at 4 kHz or more",
        )
    scale = np.float32(1 / 32768) if grid.dtype == np.int16 else np.float32(1)
    return [np.ascontiguousarray(grid[:, channel]).astype(np.float32) * scale for channel in range(grid.shape[1])]


def _pieces(
    side: Side, channel: NDArray[np.float32], rate_hz: int, open_detector: OpenDetector, settings: AsrSettings
) -> Iterator[_Piece]:
    """One side's utterances with their sound."""
    narrow = as_int16(resampled(channel, rate_hz, RATE_HZ))
    wide_hz = RATE_HZ if rate_hz <= RATE_HZ else WIDE_RATE_HZ
    wide = narrow if wide_hz == RATE_HZ else as_int16(resampled(channel, rate_hz, WIDE_RATE_HZ))
    free_from_ms = 0
    for ended in _endings(narrow, open_detector, settings):
        from_ms = max(free_from_ms, ended.start_ms - settings.pre_roll_ms)
        free_from_ms = ended.sound_end_ms
        sound = wide[from_ms * wide_hz // 1000 : ended.sound_end_ms * wide_hz // 1000]
        yield _Piece(side, ended, from_ms, Clip(np.ascontiguousarray(sound), wide_hz))


def _endings(narrow: Samples, open_detector: OpenDetector, settings: AsrSettings) -> Iterator[VoiceEnded]:
    detector, endpointer = open_detector(), Endpointer(endpoint_rules(settings))
    size = detector.frame_samples
    per_ms = RATE_HZ // 1000
    for at in range(0, len(narrow) - size + 1, size):
        frame = narrow[at : at + size]
        seen = Frame(at // per_ms, (at + size) // per_ms, detector.voiced(frame), frame_rms(frame))
        for event in endpointer.hear(seen):
            if isinstance(event, VoiceEnded):
                yield event
    for event in endpointer.flush():
        if isinstance(event, VoiceEnded):
            yield event
