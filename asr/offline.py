"""Transcription of a whole recording, when nobody waits for it: after the call, or by hand."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from asr.crosstalk import LEAD_MS, is_crosstalk
from asr.endpointing import Endpointer, Frame, VoiceEnded
from asr.engine import chosen_model
from asr.final_words import FinalWords, Writer
from asr.recogniser import WIDE_RATE_HZ, Clip, Effort, Heard, Recogniser, Samples
from asr.settings import AsrSettings
from asr.side_sound import sum_of
from asr.stream import endpoint_rules
from asr.telephone import as_int16, resampled
from asr.vad import OpenDetector, VoiceActivity, VoiceActivityOfMany, frame_rms
from domain.errors import AudioError
from domain.g711 import RATE_HZ
from domain.side import Side

_LOG = structlog.get_logger(__name__)
_LOWEST_RATE_HZ = 4000
_SIDES = (Side.CALLER, Side.AGENT)
_BATCH = 4
_FINDING = 0.05
"""What finding the voice is of all the work, about."""
_FRAMES_AT_ONCE = 250
_RECIPE = 7
"""Rises when what is done here changes what is written."""


@dataclass(frozen=True, kw_only=True)
class OfflineUtterance(FinalWords):
    """What was said. Times in ms from the recording's beginning; the rest as in UtteranceFinal."""

    side: Side
    start_ms: int
    end_ms: int
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
    writer: Writer | None = None,
    *,
    played: Samples | None = None,
    on_progress: Callable[[float], None] = lambda share: None,
) -> list[OfflineUtterance]:
    """What is said in a recording, in order of time.

    samples: (n,) or (n, 1) mono, taken for the caller's side, or (n, 2) with the caller left and the agent right; int16
    or float −1..1; any rate from 4 kHz up: it is recognised at 16 kHz when it has more than the telephone's band.
    Two channels of the very same sound are one: a recorder put it into both, and nobody said it twice. AudioError for
    other shapes and types. played: at 8 kHz, what else the first channel's telephone was sent, whose echo nobody said.
    on_progress: told between any two steps which share (0..1) of the work is done; it may wait there, or
    raise to give up.
    """
    channels = _channels(samples, rate_hz)
    if len(channels) == 2 and np.array_equal(channels[0], channels[1]):
        _LOG.warning("both channels are the same sound: who speaks is not known", seconds=len(samples) // rate_hz)
        channels = channels[:1]
    settings, writer = settings or AsrSettings(), writer or Writer()
    narrow = {
        side: as_int16(resampled(channel, rate_hz, RATE_HZ)) for side, channel in zip(_SIDES, channels, strict=False)
    }
    pieces: list[_Piece] = []
    for number, side in enumerate(narrow):
        part = _part_of(on_progress, _FINDING * number / len(channels), _FINDING / len(channels))
        found = _pieces(side, narrow[side], channels[number], rate_hz, open_detector, settings, part)
        sent = _sent(side, narrow, played)
        pieces += [piece for piece in found if not _is_crosstalk(piece, narrow[side], sent)]
    part = _part_of(on_progress, _FINDING, 1 - _FINDING)
    utterances = [_utterance(piece, heard, writer) for piece, heard in _heard(pieces, engine, part) if heard.text]
    on_progress(1.0)
    return sorted(utterances, key=lambda utterance: (utterance.start_ms, utterance.side))


def _heard(
    pieces: list[_Piece], engine: Recogniser, on_progress: Callable[[float], None]
) -> Iterator[tuple[_Piece, Heard]]:
    """Those of a like length together."""
    pieces = sorted(pieces, key=lambda piece: len(piece.clip.samples))
    speech_s, done_s = sum(piece.clip.seconds for piece in pieces), 0.0
    for at in range(0, len(pieces), _BATCH):
        on_progress(done_s / speech_s)
        batch = pieces[at : at + _BATCH]
        yield from zip(batch, engine.recognise([one.clip for one in batch], Effort.FINAL), strict=True)
        done_s += sum(piece.clip.seconds for piece in batch)


def recipe(settings: AsrSettings) -> str:
    """The name of all that a transcript depends on: two with one name say the same of one recording. 40 characters."""
    model = re.sub(r"[^A-Za-z0-9]+", "-", Path(chosen_model(settings) or settings.engine).name)[:20]
    names = ("engine", "model", "model_type", "remote_url", "beam", "language_model", "read_numbers")
    sound = ("voice_activity", "pre_roll_ms")
    chosen = repr([_RECIPE, *(getattr(settings, name) for name in (*names, *sound)), endpoint_rules(settings)])
    return f"{model}-{hashlib.sha256(chosen.encode()).hexdigest()[:8]}"


def _utterance(piece: _Piece, heard: Heard, writer: Writer) -> OfflineUtterance:
    words = writer.final_words(heard, piece.ended.voiced, piece.sound_from_ms)
    return OfflineUtterance(
        side=piece.side,
        start_ms=piece.ended.start_ms,
        end_ms=piece.ended.end_ms,
        confidence=heard.confidence,
        **vars(words),
    )


def _channels(samples: NDArray[np.int16] | NDArray[np.float32], rate_hz: int) -> list[NDArray[np.float32]]:
    grid = samples[:, None] if samples.ndim == 1 else samples
    if grid.ndim != 2 or grid.shape[1] not in (1, 2) or rate_hz < _LOWEST_RATE_HZ:
        raise AudioError(
            f"a recording of shape {samples.shape} at {rate_hz} Hz",
            where="transcribe",
            remedy="give one or two channels at 4 kHz or more",
        )
    if grid.dtype != np.int16 and (grid.dtype.kind != "f" or not np.isfinite(grid).all()):
        raise AudioError(
            f"samples of type {grid.dtype}, or infinite ones",
            where="transcribe",
            remedy="give int16, or float from −1 to 1",
        )
    scale = np.float32(1 / 32768) if grid.dtype == np.int16 else np.float32(1)
    return [np.ascontiguousarray(grid[:, channel]).astype(np.float32) * scale for channel in range(grid.shape[1])]


def _pieces(
    side: Side,
    narrow: Samples,
    channel: NDArray[np.float32],
    rate_hz: int,
    open_detector: OpenDetector,
    settings: AsrSettings,
    on_progress: Callable[[float], None],
) -> Iterator[_Piece]:
    """One side's utterances with their sound. narrow: the channel at 8 kHz."""
    wide_hz = RATE_HZ if rate_hz <= RATE_HZ else WIDE_RATE_HZ
    wide = narrow if wide_hz == RATE_HZ else as_int16(resampled(channel, rate_hz, WIDE_RATE_HZ))
    free_from_ms = 0
    for ended in _endings(narrow, open_detector, settings, on_progress):
        from_ms = max(free_from_ms, ended.start_ms - settings.pre_roll_ms)
        free_from_ms = ended.sound_end_ms
        sound = wide[from_ms * wide_hz // 1000 : ended.sound_end_ms * wide_hz // 1000]
        yield _Piece(side, ended, from_ms, Clip(np.ascontiguousarray(sound), wide_hz))


def _sent(side: Side, narrow: dict[Side, Samples], played: Samples | None) -> Samples:
    """What this side's telephone was sent: the other side's voice, and what was played to the first."""
    nothing = np.zeros(0, dtype=np.int16)
    other = next((sound for each, sound in narrow.items() if each is not side), nothing)
    extra = nothing if played is None or side is not _SIDES[0] else played
    return sum_of(other, extra, len(narrow[side])) if len(extra) else other


def _is_crosstalk(piece: _Piece, own: Samples, sent: Samples) -> bool:
    """Whether it is only what this side's telephone was sent; where that is not known it is not."""
    begin, end = (ms * RATE_HZ // 1000 for ms in (piece.sound_from_ms, piece.ended.sound_end_ms))
    lead = LEAD_MS * RATE_HZ // 1000
    before = np.zeros(max(0, lead - begin), dtype=np.int16)
    beside = np.concatenate([before, sent[max(0, begin - lead) : end]])
    return is_crosstalk(own[begin:end], beside)


def _part_of(on_progress: Callable[[float], None], begins: float, share: float) -> Callable[[float], None]:
    """Tells the progress of a part of the work as that of the whole."""
    return lambda done: on_progress(begins + share * done)


def _endings(
    narrow: Samples, open_detector: OpenDetector, settings: AsrSettings, on_progress: Callable[[float], None]
) -> Iterator[VoiceEnded]:
    detector, endpointer = open_detector(), Endpointer(endpoint_rules(settings))
    size, per_ms = detector.frame_samples, RATE_HZ // 1000
    block = _FRAMES_AT_ONCE * size
    for begins in range(0, len(narrow) // size * size, block):
        on_progress(begins / len(narrow))
        frames = narrow[begins : begins + block]
        frames = frames[: len(frames) // size * size].reshape(-1, size)
        for number, voiced in enumerate(_voiced(detector, frames)):
            at = begins + number * size
            seen = Frame(at // per_ms, (at + size) // per_ms, voiced, frame_rms(frames[number]))
            yield from (event for event in endpointer.hear(seen) if isinstance(event, VoiceEnded))
    yield from (event for event in endpointer.flush() if isinstance(event, VoiceEnded))


def _voiced(detector: VoiceActivity, frames: Samples) -> list[bool]:
    if isinstance(detector, VoiceActivityOfMany):
        return detector.voiced_many(frames)
    return [detector.voiced(frame) for frame in frames]
