"""Real people's recorded speech, as a conversation to be played in and scored."""

import csv
import random
from pathlib import Path

import numpy as np
import soundfile

from asr.telephone import telephone_alaw
from domain.errors import AudioError
from domain.g711 import RATE_HZ
from domain.side import Side
from hotline.demo_talk import RecordedTalk
from hotline.phone_line import silence

GAP_S = 1.2
"""Between two utterances, so that each is an utterance of its own."""


def read_speech_folder(folder: Path, number: int, chance: random.Random) -> RecordedTalk:
    """Some of the folder's utterances, the citizen's and the agent's alternating, as the telephone carries them.

    folder: has manifest.tsv with the columns file and transcript (others are ignored). AudioError when it has not.
    """
    manifest = folder / "manifest.tsv"
    try:
        with manifest.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        chosen = [(row["file"], row["transcript"]) for row in chance.sample(rows, min(number, len(rows)))]
    except (OSError, KeyError) as error:
        raise AudioError(
            f"not a speech folder ({error})", where=str(manifest), remedy="give tab-separated columns file, transcript"
        ) from error
    channels = {side: bytearray(silence(1.0)) for side in Side}
    references = dict.fromkeys(Side, "")
    for index, (name, transcript) in enumerate(chosen):
        side = tuple(Side)[index % 2]
        said = _telephone(folder / name)
        for other in Side:
            channels[other] += said if other is side else silence(len(said) / RATE_HZ)
            channels[other] += silence(GAP_S)
        references[side] += transcript
    return RecordedTalk(bytes(channels[Side.CALLER]), bytes(channels[Side.AGENT]), references)


def _telephone(file: Path) -> bytes:
    try:
        samples, rate_hz = soundfile.read(file, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise AudioError(f"cannot be read ({error})", where=str(file)) from error
    return telephone_alaw(np.ascontiguousarray(samples[:, 0]), rate_hz)
