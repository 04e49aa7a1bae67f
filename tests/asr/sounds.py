"""Sound for the tests of this room, and where the real recordings are."""

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from asr.recogniser import Samples
from asr.telephone import as_int16, telephone_alaw
from domain.audio import BYTES_PER_CHUNK, CHUNK_MS, AudioChunk
from domain.g711 import RATE_HZ, alaw_encode
from domain.side import Side

WALL_MS = 1_700_000_000_000
"""Wall clock of media time 0 in the tests."""


def silence(ms: int) -> Samples:
    return np.zeros(ms * RATE_HZ // 1000, dtype=np.int16)


def tone(ms: int, hz: float = 440.0, level: float = 0.3) -> Samples:
    time_s = np.arange(ms * RATE_HZ // 1000) / RATE_HZ
    return as_int16((level * np.sin(2 * np.pi * hz * time_s)).astype(np.float32))


def chunks(samples: Samples, *, side: Side = Side.CALLER, last: bool = False, from_ms: int = 0) -> list[AudioChunk]:
    """The sound as the switch sends it."""
    alaw = alaw_encode(samples)
    pieces = [alaw[at : at + BYTES_PER_CHUNK] for at in range(0, len(alaw), BYTES_PER_CHUNK)]
    return [
        AudioChunk(
            side=side,
            sequence=number,
            media_ms=from_ms + number * CHUNK_MS,
            captured_at_ms=WALL_MS + from_ms + number * CHUNK_MS + len(piece) // 8,
            alaw=piece,
            last=last and number == len(pieces) - 1,
        )
        for number, piece in enumerate(pieces)
    ]


class LoudnessActivity:
    """A detector for tests: loud is voice."""

    frame_samples = 160

    def voiced(self, frame: Samples) -> bool:
        return bool(np.abs(frame.astype(np.int32)).max() > 1000)


@dataclass(frozen=True)
class Recording:
    """A real utterance: its words, and its sound as a telephone sends it."""

    transcript: str
    alaw: bytes
    wide: NDArray[np.float32]
    rate_hz: int


def speech_folder() -> Path:
    """Where the real recordings are; skips without them, fails without them in CI."""
    folder = Path(os.environ.get("HOTLINE_TEST_DATA", Path(__file__).parents[3] / "shared" / "data")) / "speech"
    if not (folder / "manifest.tsv").is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no recordings in {folder}; set HOTLINE_TEST_DATA")
        pytest.skip(f"no recordings in {folder}; set HOTLINE_TEST_DATA")
    return folder


def real_recordings(count: int) -> list[Recording]:
    """`count` utterances spread over the data set; skips without it, fails without it in CI."""
    import soundfile

    folder = speech_folder()
    with (folder / "manifest.tsv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    picked = rows[:: max(1, len(rows) // count)][:count]
    recordings = []
    for row in picked:
        wide, rate_hz = soundfile.read(folder / row["file"], dtype="float32")
        recordings.append(Recording(row["transcript"], telephone_alaw(wide, rate_hz), wide, rate_hz))
    return recordings
