"""A folder of recorded sentences with transcripts (manifest.tsv: file, transcript, …), as a telephone sends them."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from asr.recogniser import WIDE_RATE_HZ, Samples
from asr.telephone import as_int16, resampled, telephone_alaw
from domain.errors import AudioError
from domain.g711 import alaw_decode


@dataclass(frozen=True, eq=False)
class Sentence:
    """transcript: what is said; alaw: the sound after the telephone; wide: before it, at 16 kHz."""

    transcript: str
    alaw: bytes
    wide: Samples

    @property
    def samples(self) -> Samples:
        return alaw_decode(self.alaw).reshape(-1)

    @property
    def seconds(self) -> float:
        return len(self.alaw) / 8000


def sentences(folder: Path) -> list[Sentence]:
    """All sentences of the folder, in an order whose every beginning is spread over the whole set."""
    manifest = folder / "manifest.tsv"
    if not manifest.is_file():
        raise AudioError("no manifest.tsv", where=str(folder), remedy="give --data a folder with recordings")
    with manifest.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    order = np.random.default_rng(12345).permutation(len(rows))
    return [_sentence(folder, rows[place]) for place in order]


def _sentence(folder: Path, row: dict[str, str]) -> Sentence:
    wide, rate_hz = soundfile.read(folder / row["file"], dtype="float32")
    studio = as_int16(resampled(wide, rate_hz, WIDE_RATE_HZ))
    return Sentence(row["transcript"], telephone_alaw(wide, rate_hz), studio)
