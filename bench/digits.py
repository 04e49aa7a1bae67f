"""Numbers that are read out: exact strings of digits on the telephone, beside bare whisper-base.

python -m bench.digits [--data FOLDER] [--seconds 900] [--voices held-out|tuning] [--models FOLDER]

Real telephone numbers of the data set, and synthesised ones (Kokoro) of every kind, whose sound is made at the first
run (2 s a line) and kept in var/bench.
"""

import argparse
import re
import sys
import time
from dataclasses import dataclass, field
from itertools import chain, islice, zip_longest
from pathlib import Path

import models
from asr.engine import load_engine
from asr.recogniser import Clip, Effort, Heard, Recogniser, Samples
from asr.settings import AsrSettings
from asr.spoken_number import digits_of
from bench.bare_whisper import BareWhisper
from bench.figure import Figure, report
from bench.read_numbers import HELD_OUT_VOICES, TUNING_VOICES, ReadNumber, Said, read_numbers
from bench.recordings import sentences
from bench.synthesised import SynthesisedLines

_PEER = "bare whisper-base"
_DATA = Path(__file__).parents[2] / "shared" / "data" / "speech"
_MODELS = Path(__file__).parents[1] / "var" / "models"
_VOICES = {"held-out": HELD_OUT_VOICES, "tuning": TUNING_VOICES}
_LINES_A_VOICE = {Said.MOBILE: 12, Said.CARRIED: 12, Said.LOCAL: 6, Said.IDENTITY: 6, Said.TICKET: 6}
_MOBILE_DIGITS = 11
_EXACT = 80.0
_READ_OUT = re.compile(f"[零一二三四五六七八九幺]{{{_MOBILE_DIGITS}}}")
_BYTE_ORDER_MARK = "\ufeff"
_NUMERALS = str.maketrans("零〇一幺二三四五六七八九", "001123456789")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[-,，.、\s]+(?=[\dX])")


@dataclass(frozen=True, eq=False)
class Spoken:
    """kind: "real", or what a synthesised voice reads; digits: the number that is said."""

    kind: str
    digits: str
    samples: Samples


@dataclass
class Tally:
    """Of one kind of number: how many were said, and what became of them."""

    said: int = 0
    exact: int = 0
    bare: int = 0
    sure: int = 0
    sure_but_wrong: int = 0
    among_candidates: int = 0

    def count(self, digits: str, heard: Heard, bare: str) -> None:
        number = next(iter(heard.numbers), None)
        right = number.digits == digits if number else has_number(heard.text, digits)
        self.said, self.exact, self.bare = self.said + 1, self.exact + right, self.bare + has_number(bare, digits)
        if number is not None:
            self.among_candidates += digits in number.candidates
            self.sure += number.sure and right
            self.sure_but_wrong += number.sure and not right

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(own + its for own, its in zip(vars(self).values(), vars(other).values(), strict=True)))


@dataclass
class Times:
    """Processor time of one thread, s: finals with and without the number's hearings, and the peer's."""

    ours: float = 0.0
    words_only: float = 0.0
    bare: float = 0.0
    lines: int = 0


@dataclass
class Hearing:
    """ours: with the number's hearings; words_only: the same engine without them."""

    ours: Recogniser
    words_only: Recogniser
    bare: BareWhisper
    tallies: dict[str, Tally] = field(default_factory=dict)
    times: Times = field(default_factory=Times)

    def hear(self, spoken: Spoken) -> None:
        clip = Clip(spoken.samples)
        began = time.process_time()
        (heard,) = self.ours.recognise([clip], Effort.FINAL)
        then = time.process_time()
        self.words_only.recognise([clip], Effort.FINAL)
        later = time.process_time()
        bare = self.bare.recognise(spoken.samples)
        self.tallies.setdefault(spoken.kind, Tally()).count(spoken.digits, heard, bare)
        self.times.ours += then - began
        self.times.words_only += later - then
        self.times.bare += time.process_time() - later
        self.times.lines += 1


def has_number(text: str, digits: str) -> bool:
    """Whether a text has this number, in figures or numerals, with signs between them or without, and nothing more."""
    figures = _BETWEEN_DIGITS.sub("", text.translate(_NUMERALS).upper())
    return digits in re.findall(r"\d+X?", figures)


def real_numbers(folder: Path) -> list[Spoken]:
    """The telephone numbers of the data set."""
    said = [(one.transcript.strip().strip(_BYTE_ORDER_MARK), one.samples) for one in sentences(folder)]
    return [Spoken("real", digits_of(text), samples) for text, samples in said if _READ_OUT.fullmatch(text)]


def synthesised_numbers(voices: tuple[str, ...], lines: SynthesisedLines) -> list[Spoken]:
    """Voice after voice by turns, so that every beginning has all of them."""
    for_kind = [
        chain.from_iterable(zip(*(islice(read_numbers(voice, said), count) for voice in voices), strict=True))
        for said, count in _LINES_A_VOICE.items()
    ]
    numbers: list[ReadNumber] = [one for turn in zip_longest(*for_kind) for one in turn if one is not None]
    lines.render(numbers)
    return [Spoken(one.said.value, one.digits, lines.samples(one)) for one in numbers]


def figures(hearing: Hearing, voices: str) -> list[Figure]:
    tallies, times = hearing.tallies, hearing.times
    of_11 = sum((tallies.get(said, Tally()) for said in (Said.MOBILE, Said.CARRIED)), Tally())
    everything = sum(tallies.values(), Tally())
    out = [
        _exact("real_11_digits", tallies.get("real", Tally()), _EXACT),
        _exact(f"synthesised_11_digits ({voices} voices)", of_11, _EXACT),
        *(_exact(f"synthesised_{said} ({voices} voices)", tallies.get(said, Tally()), None) for said in Said),
    ]
    added = (times.ours - times.words_only) / max(1, times.lines)
    return [
        *out,
        Figure("sure_and_right", _share(everything.sure, everything), "%", None, "higher"),
        Figure("sure_but_wrong", everything.sure_but_wrong, "", 0, "lower"),
        Figure("right_among_candidates", _share(everything.among_candidates, everything), "%", None, "higher"),
        Figure("added_time", added, "s", None, "lower", "a final without it", times.words_only / max(1, times.lines)),
        Figure("final_time", times.ours / max(1, times.lines), "s", None, "lower", _PEER, times.bare / times.lines),
    ]


def _exact(name: str, tally: Tally, target: float | None) -> Figure:
    return Figure(name, _share(tally.exact, tally), "%", target, "higher", _PEER, _share(tally.bare, tally))


def _share(count: int, tally: Tally) -> float:
    return 100 * count / tally.said if tally.said else float("nan")


def _print(tallies: dict[str, Tally]) -> None:
    row = "{:<22}{:>5}{:>7}{:>6}{:>6}{:>16}{:>12}"
    print(row.format("", "said", "exact", "bare", "sure", "sure but wrong", "candidates"))
    for kind, one in tallies.items():
        counts = (one.said, one.exact, one.bare, one.sure, one.sure_but_wrong, one.among_candidates)
        print(row.format(kind if kind == "real" else f"{kind}, synth.", *counts))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.digits", description=__doc__)
    parser.add_argument("--data", type=Path, default=_DATA, help="folder with manifest.tsv and recordings")
    parser.add_argument("--seconds", type=float, default=900.0, help="time for hearing")
    parser.add_argument("--voices", choices=list(_VOICES), default="held-out")
    parser.add_argument("--models", type=Path, default=_MODELS)
    arguments = parser.parse_args()
    folder = models.whisper_base(arguments.models)
    spoken = real_numbers(arguments.data)
    spoken += synthesised_numbers(_VOICES[arguments.voices], SynthesisedLines(arguments.models))
    settings = AsrSettings()
    without = settings.model_copy(update={"read_numbers": False})
    hearing = Hearing(
        load_engine(settings, folder.parent, 1), load_engine(without, folder.parent, 1), BareWhisper(folder)
    )
    end = time.monotonic() + arguments.seconds
    for number, one in enumerate(spoken, 1):
        hearing.hear(one)
        if time.monotonic() > end:
            print(f"heard {number} of {len(spoken)} lines", file=sys.stderr)
            break
    _print(hearing.tallies)
    return report(figures(hearing, arguments.voices))


if __name__ == "__main__":
    raise SystemExit(main())
