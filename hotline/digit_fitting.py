"""Fits the states of digits on this machine, once: Kokoro's voices read digits out, whisper's encoder hears them."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from asr.digit_fit import ReadFrames, fit_states
from asr.digit_lines import VOICES, ReadLine, read_lines
from asr.digit_states import DigitStates
from asr.fitted_states import fitted_from, keep_states, kept_states
from asr.recogniser import Clip
from asr.telephone import QUIET_BEFORE_S, on_quiet_line
from asr.thinned_padding import FRAMES_PER_S
from asr.whisper import Whisper
from domain.errors import ModelError
from domain.g711 import RATE_HZ
from models import whisper_base
from tts.kokoro import ENGINE, Kokoro
from tts.synthesiser import Synthesiser
from tts.telephone import telephone_alaw

Told = Callable[[int, int], None]
"""Called with how many lines are read, and how many there are."""
_MOST_THREADS = 4


def ensure_digit_states(models_dir: Path, told: Told) -> DigitStates:
    """Those that are kept, or, where they are not here or fitted from something else, new ones: about a minute.

    ModelError when the voices or the model are not here, and when the disk refuses.
    """
    try:
        return kept_states(models_dir, ENGINE)
    except ModelError:
        voices = Kokoro(models_dir, threads=min(_MOST_THREADS, len(os.sched_getaffinity(0))))
        ears = Whisper(whisper_base(models_dir), read_numbers=False)
        states = fit_states(read_out(voices, ears, [line for voice in VOICES for line in read_lines(voice)], told))
        keep_states(states, fitted_from(ENGINE), models_dir)
        return states


def read_out(voices: Synthesiser, ears: Whisper, lines: list[ReadLine], told: Told) -> list[ReadFrames]:
    """The lines as the encoder hears them over a telephone."""
    read = []
    for number, line in enumerate(lines):
        told(number, len(lines))
        sound = voices.synthesise(line.text, line.voice, line.speed)
        read.append(_heard(ears, telephone_alaw(sound.samples, sound.rate_hz), line.names))
    told(len(lines), len(lines))
    return read


def _heard(ears: Whisper, alaw: bytes, names: str) -> ReadFrames:
    frames = ears.frames(Clip(on_quiet_line(alaw)))
    first, end = np.round(np.cumsum([QUIET_BEFORE_S, len(alaw) / RATE_HZ]) * FRAMES_PER_S).astype(int).tolist()
    return ReadFrames(frames, (first, end), names)
