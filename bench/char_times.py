"""When characters were said: the engine's own times beside the same text spread evenly over its voice, in the same run.

python -m bench.char_times [--data FOLDER] [--count 40] [--models FOLDER]

Sentences of the folder are run together with known pauses, so that it is known when each begins; what is judged is the
time of the first character of each but the first, where its syllable was recognised.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pypinyin import lazy_pinyin
from rapidfuzz.distance import Levenshtein

import models
from asr.engine import load_engine
from asr.offline import OfflineUtterance, transcribe
from asr.recogniser import Clip, Effort, Heard, Recogniser
from asr.settings import AsrSettings
from asr.spoken_form import spoken_form
from asr.vad import OpenDetector, SileroModel
from bench.figure import Figure, percentile, report
from bench.joined_sentences import Joined, joined_sentences
from bench.recordings import sentences
from domain.g711 import RATE_HZ

_DATA = Path(__file__).parents[2] / "shared" / "data" / "speech"
_MODELS = Path(__file__).parents[1] / "var" / "models"
_PEER = "spread over the voice"
_OF_SPREAD = 0.5


class _Twice:
    """An engine whose answers can be had again without the times of their words."""

    continues = False

    def __init__(self, engine: Recogniser) -> None:
        self.name = engine.name
        self._engine = engine
        self._answers: dict[bytes, Heard] = {}

    def recognise(self, clips: Sequence[Clip], effort: Effort) -> list[Heard]:
        sounds = [clip.samples.tobytes() for clip in clips]
        if all(sound in self._answers for sound in sounds):
            return [replace(self._answers[sound], words=()) for sound in sounds]
        heard = self._engine.recognise(clips, effort)
        self._answers.update(zip(sounds, heard, strict=True))
        return heard

    def real_time_factor(self) -> float:
        return self._engine.real_time_factor()


def errors_ms(joined: Joined, said: Sequence[OfflineUtterance]) -> Iterator[float]:
    """How much too late the first character of each piece but the first is, where its syllable was recognised."""
    firsts, reference = {}, list[str]()
    for text, start_ms in zip(joined.texts, joined.starts_ms, strict=True):
        firsts[len(reference)] = start_ms
        reference += lazy_pinyin(list(spoken_form(text).sounds))
    told, times = list[str](), list[int]()
    for one in said:
        form = spoken_form(one.text)
        told += lazy_pinyin(list(form.sounds))
        times += [one.char_ms[place] if place >= 0 else -1 for place in form.places]
    for block in Levenshtein.opcodes(reference, told):
        if block.tag != "equal":
            continue
        for ours, its in zip(
            range(block.src_start, block.src_end), range(block.dest_start, block.dest_end), strict=True
        ):
            if ours in firsts and ours and times[its] >= 0:
                yield times[its] - firsts[ours]


def measure(spoken: list[Joined], engine: Recogniser, detector: OpenDetector, settings: AsrSettings) -> list[Figure]:
    """Both kinds of times on each, from the same recognition."""
    ours: list[float] = []
    spread: list[float] = []
    exact = 0
    utterances = 0
    for one in spoken:
        twice = _Twice(engine)
        said = transcribe(one.samples, RATE_HZ, twice, detector, settings)
        exact += sum(not each.times_approximate for each in said)
        utterances += len(said)
        ours += errors_ms(one, said)
        spread += errors_ms(one, transcribe(one.samples, RATE_HZ, twice, detector, settings))
    print(
        f"{len(spoken)} sounds, {utterances} utterances, {len(ours)} beginnings; too late by "
        f"{percentile(ours, 50):.0f} ms at the median, {_PEER} by {percentile(spread, 50):.0f} ms"
    )
    figures = []
    for percent, target in ((50, None), (95, _OF_SPREAD)):
        value, peer = (percentile([abs(error) for error in errors], percent) for errors in (ours, spread))
        limit = target * peer if target else None
        figures.append(Figure(f"char_start_error_p{percent}", value, "ms", limit, "lower", _PEER, peer))
    share = 100 * exact / utterances if utterances else float("nan")
    return [*figures, Figure("utterances_with_times", share, "%", 95.0, "higher")]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.char_times", description=__doc__)
    parser.add_argument("--data", type=Path, default=_DATA, help="folder with manifest.tsv and recordings")
    parser.add_argument("--count", type=int, default=40, help="sounds of three to five sentences")
    parser.add_argument("--models", type=Path, default=_MODELS)
    arguments = parser.parse_args()
    settings = AsrSettings()
    engine = load_engine(settings, models.whisper_base(arguments.models).parent, 1)
    detector = SileroModel(models.silero_vad(arguments.models)).open
    return report(measure(joined_sentences(sentences(arguments.data), arguments.count), engine, detector, settings))


if __name__ == "__main__":
    raise SystemExit(main())
