"""The confidence of finals: fits it to recordings with transcripts, and says how well it keeps its word.

python -m bench.confidence [--data FOLDER] [--seconds 900] [--models FOLDER]

Each sentence is heard as a telephone sends it, with pink noise at 15 and 5 dB, and through GSM. The fit that is printed
last is for `asr/confidence.py`; its figures are cross-validated: no sentence is judged by a fit that has seen it.
"""

import argparse
import math
import time
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import models
from asr.confidence import WHISPER_BASE, ConfidenceFit, Signs, signs
from asr.engine import load_engine
from asr.recogniser import WIDE_RATE_HZ, Clip, Effort, Heard, Recogniser, Samples
from asr.settings import AsrSettings
from asr.telephone import telephone_alaw
from bench.calibration import calibration_error, right_places
from bench.figure import Figure, report
from bench.recordings import Sentence, sentences
from bench.telephone_noise import through_gsm, with_pink_noise
from domain.g711 import alaw_decode

_DATA = Path(__file__).parents[2] / "shared" / "data" / "speech"
_MODELS = Path(__file__).parents[1] / "var" / "models"
_PEER = "the engine's own probability"
_FOLDS = 5
_RIDGE = 0.1
_STEPS = 30
_FAINT_BELOW = 0.7
"""As web/src/call/faint.ts has it."""
_TARGET = 0.05
_NOISE_DB = {"15 dB": 15.0, "5 dB": 5.0}
CONDITIONS = ("telephone", *_NOISE_DB, "GSM")


@dataclass(frozen=True, eq=False)
class Judged:
    """One recognised sentence. rows: its characters' signs (n, 3); right: which of them are (n,)."""

    condition: str
    sentence: int
    rows: NDArray[np.float64]
    right: NDArray[np.float64]

    def promised(self, fit: ConfidenceFit) -> NDArray[np.float64]:
        return np.array([fit.confidence(Signs(*row)) for row in self.rows])

    @property
    def engine_probability(self) -> float:
        return math.exp(min(0.0, self.rows[0][1]))


def copy_of(sentence: Sentence, condition: str, seed: int) -> Samples:
    """The sentence as this telephone sends it."""
    if condition == "telephone":
        return sentence.samples
    if condition == "GSM":
        return through_gsm(sentence.samples)
    voice = (sentence.wide / 32768).astype(np.float32)
    noisy = with_pink_noise(voice, _NOISE_DB[condition], np.random.default_rng(seed))
    return alaw_decode(telephone_alaw(noisy, WIDE_RATE_HZ)).reshape(-1)


def judge(spoken: list[Sentence], engine: Recogniser, seconds: float) -> list[Judged]:
    """Every sentence in every condition, sentence by sentence, until the time is up."""
    judged: list[Judged] = []
    end = time.monotonic() + seconds
    for number, sentence in enumerate(spoken):
        for condition in CONDITIONS:
            heard = engine.recognise([Clip(copy_of(sentence, condition, number))], Effort.FINAL)[0]
            one = _judged(sentence.transcript, heard, condition, number)
            judged += [one] if one else []
        if time.monotonic() > end:
            break
    return judged


def _judged(transcript: str, heard: Heard, condition: str, sentence: int) -> Judged | None:
    if not heard.text or not heard.alternatives:
        return None
    places = right_places(transcript, heard.text)
    if not places:
        return None
    told = signs(heard)
    rows = np.array([told[place] for place in places])
    return Judged(condition, sentence, rows, np.array([float(right) for right in places.values()]))


def fitted(judged: list[Judged]) -> ConfidenceFit:
    """Logistic regression by Newton's method with a little ridge."""
    signs_of = np.concatenate([one.rows for one in judged])
    rows = np.column_stack([np.ones(len(signs_of)), signs_of])
    right = np.concatenate([one.right for one in judged])
    ridge = _RIDGE * np.diag([0.0] + [1.0] * signs_of.shape[1])
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (right - likely) - ridge @ weights
        weights += np.linalg.solve((rows * (likely * (1 - likely))[:, None]).T @ rows + ridge, slope)
    return ConfidenceFit(*(float(round(weight, 2)) for weight in weights))


def cross_validated(judged: list[Judged]) -> list[NDArray[np.float64]]:
    """What each is promised by a fit to the other folds; all copies of a sentence are in one fold."""
    folds = [fitted([one for one in judged if one.sentence % _FOLDS != fold]) for fold in range(_FOLDS)]
    return [one.promised(folds[one.sentence % _FOLDS]) for one in judged]


def error_of(judged: list[Judged], promised: list[NDArray[np.float64]], condition: str) -> float:
    """Calibration error of utterances' confidences in one condition."""
    pairs = [(one, its) for one, its in zip(judged, promised, strict=True) if one.condition == condition]
    return calibration_error(
        [float(its.mean()) for _, its in pairs],
        [float(one.right.mean()) for one, _ in pairs],
        [len(one.right) for one, _ in pairs],
    )


def figures(judged: list[Judged], held_out: list[NDArray[np.float64]]) -> list[Figure]:
    shipped = [one.promised(WHISPER_BASE) for one in judged]
    raw = [np.full(len(one.right), one.engine_probability) for one in judged]
    out = []
    for condition in CONDITIONS:
        name = condition.lower().replace(" ", "_")
        before = error_of(judged, raw, condition)
        for kind, promised in (("shipped", shipped), ("held_out", held_out)):
            error = error_of(judged, promised, condition)
            out.append(Figure(f"confidence_error_{name}_{kind}", error, "", _TARGET, "lower", _PEER, before))
    promised_all, right = np.concatenate(held_out), np.concatenate([one.right for one in judged])
    faint = promised_all < _FAINT_BELOW
    out.append(Figure("faint_share", 100 * float(faint.mean()), "%", None, "lower"))
    if faint.any():
        out.append(Figure("faint_right", 100 * float(right[faint].mean()), "%", 75.0, "lower"))
        out.append(Figure("wrong_that_are_faint", 100 * float(faint[right == 0].mean()), "%", None, "higher"))
    return out


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.confidence", description=__doc__)
    parser.add_argument("--data", type=Path, default=_DATA, help="folder with manifest.tsv and recordings")
    parser.add_argument("--seconds", type=float, default=900.0)
    parser.add_argument("--models", type=Path, default=_MODELS)
    arguments = parser.parse_args()
    engine = load_engine(AsrSettings(), models.whisper_base(arguments.models).parent, 1)
    judged = judge(sentences(arguments.data), engine, arguments.seconds)
    if len({one.sentence for one in judged}) < 2 * _FOLDS:
        parser.error(f"{arguments.data} gave too few sentences for a fit in {_FOLDS} folds")
    told = figures(judged, cross_validated(judged))
    print(f"{len(judged)} copies, {sum(len(one.right) for one in judged)} characters")
    names = ConfidenceFit.__dataclass_fields__
    print("ConfidenceFit(" + ", ".join(f"{n}={w}" for n, w in zip(names, astuple(fitted(judged)), strict=True)) + ")")
    return report(told)


if __name__ == "__main__":
    raise SystemExit(main())
