"""Crosstalk: how many echoes of the other side are left out, and that nobody who speaks at the same time ever is.

python -m bench.crosstalk [--data FOLDER] [--trials 40] [--double-talk 500] [--models FOLDER]
                         [--prompts FOLDER]

In each trial one sentence is said on the one side and comes back on the other by a simulated path. What the service's
voice activity and endpointing make of that side is judged, as it is live. In double talk somebody speaks there, too: a
sentence or a word of 0.2 to 0.5 s, down to 15 dB weaker than the first; no utterance with their voice may go. The same
with our rendered prompts in place of what is said on the other side, and how many prompts their own echo breaks off.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import models
from asr.crosstalk import LEAD_MS, is_crosstalk
from asr.recogniser import Samples
from asr.settings import AsrSettings
from asr.stream import Ended, SpeechStream
from asr.vad import OpenDetector, SileroModel
from bench.active_speech import FRAME_MS, voice_of
from bench.broken_prompts import broken_off
from bench.echo_path import EchoPath, Wave, at_level, on_line
from bench.figure import Figure, report
from bench.recordings import Sentence, sentences
from domain.audio import AudioChunk
from domain.g711 import RATE_HZ, alaw_decode, alaw_encode
from domain.side import Side

_DATA = Path(__file__).parents[2] / "shared" / "data" / "speech"
_MODELS = Path(__file__).parents[1] / "var" / "models"
_PROMPTS = _MODELS.parent / "prompts"
_PER_MS = RATE_HZ // 1000
_LEAD = LEAD_MS * _PER_MS
_AROUND = RATE_HZ
_CHUNK = 5 * RATE_HZ
_LOSSES_DB = (12.0, 20.0, 30.0, 40.0)
_TAILS_MS = {"hybrid": 2.0, "handset": 5.0, "loudspeaker": 60.0}


@dataclass(frozen=True)
class Verdict:
    """An utterance that endpointing found: the samples of its voice (from, to), and whether it was left out."""

    span: tuple[int, int]
    left_out: bool


class Line:
    """The side on which the echo comes back, heard as the service hears it."""

    def __init__(self, open_detector: OpenDetector) -> None:
        self._open_detector = open_detector

    def verdicts(self, own: Samples, other: Samples) -> list[Verdict]:
        """own begins _LEAD samples after other."""
        stream = SpeechStream(AsrSettings(), self._open_detector())
        events = []
        for number, at in enumerate(range(0, len(own), _CHUNK)):
            alaw = alaw_encode(own[at : at + _CHUNK])
            events += stream.hear(AudioChunk(Side.CALLER, number, at // _PER_MS, 0, alaw, at + _CHUNK >= len(own)))
        return [self._verdict(event, own, other) for event in events if isinstance(event, Ended)]

    def _verdict(self, ended: Ended, own: Samples, other: Samples) -> Verdict:
        begin = ended.sound_from_ms * _PER_MS
        end = begin + len(ended.clip.samples)
        span = (ended.start_ms * _PER_MS, ended.end_ms * _PER_MS)
        return Verdict(span, is_crosstalk(own[begin:end], other[begin : end + _LEAD]))


class Talks:
    """Random conversations of the sentences. sent: what comes back, if not they themselves."""

    def __init__(self, spoken: list[Sentence], seed: int, sent: list[Samples] | None = None) -> None:
        self._spoken = spoken
        self._sent = sent or [each.samples for each in spoken]
        self._rng = np.random.default_rng(seed)

    def pair(self) -> tuple[Samples, Samples]:
        """Two different sentences."""
        one, other = self._rng.choice(len(self._spoken), 2, replace=False)
        return self._spoken[one].samples, self._spoken[other].samples

    def other(self) -> Samples:
        """What the telephone is sent."""
        return self._sent[self._rng.integers(len(self._sent))]

    def path(self, tail_ms: float, loss_db: float | None = None, *, mobile: bool = False) -> EchoPath:
        loss = self._rng.uniform(12, 40) if loss_db is None else loss_db
        return EchoPath(self._rng.uniform(5, 250), loss, tail_ms, mobile)

    def sides(self, path: EchoPath, words: Samples | None = None) -> tuple[Samples, Samples, tuple[int, int]]:
        """The echo's side, the other one (which begins _LEAD before), and where the words are spoken on the first."""
        rng = self._rng
        first = self.other()
        level_db = rng.uniform(-30, -20)
        voice = np.concatenate([np.zeros(_LEAD + _AROUND), at_level(first, level_db), np.zeros(2 * _AROUND)])
        own, place = path.back(voice, rng), (0, 0)
        if words is not None:
            begin = _LEAD + _AROUND + int(rng.integers(0, max(1, len(first) - len(words) // 2)))
            said = at_level(words, level_db + rng.uniform(-15, 6))[: len(own) - begin]
            own[begin : begin + len(said)] += said
            place = _voice_in(said, begin - _LEAD)
        noise_db = rng.uniform(-70, -60)
        return path.line(own, noise_db, rng)[_LEAD:], on_line(voice, -75.0, rng), place

    def word(self) -> Samples:
        """The loudest piece of a sentence, as long as 对 or 好的."""
        _, sentence = self.pair()
        length = int(self._rng.uniform(0.2, 0.5) * RATE_HZ)
        power = np.convolve(sentence.astype(np.float64) ** 2, np.ones(length), "valid")
        begin = int(np.argmax(power))
        edges: Wave = np.hanning(length) ** 0.25
        return (sentence[begin : begin + length] * edges).astype(np.int16)


def _voice_in(said: Wave, begin: int) -> tuple[int, int]:
    """The samples (from, to) in which somebody speaks: recordings are silent before and behind the sentence."""
    spoken = np.flatnonzero(voice_of((said / 32768).astype(np.float32), RATE_HZ)) * FRAME_MS * _PER_MS
    return (begin + int(spoken[0]), begin + int(spoken[-1]) + FRAME_MS * _PER_MS) if len(spoken) else (begin, begin)


def caught(
    line: Line, talks: Talks, path_of: dict[str, float], trials: int, *, mobile: bool, of: str = "echo"
) -> list[Figure]:
    """Of the echoes that endpointing takes for utterances, the share that is left out, by path and loss."""
    out = []
    for name, tail_ms in path_of.items():
        for loss_db in _LOSSES_DB:
            found = []
            for _ in range(trials):
                own, other, _ = talks.sides(talks.path(tail_ms, loss_db, mobile=mobile))
                found += line.verdicts(own, other)
            share = 100 * sum(each.left_out for each in found) / max(1, len(found))
            figure = f"{of}_{name}{'_gsm' if mobile else ''}_{loss_db:.0f}_db"
            print(f"{figure}: {len(found)} utterances in {trials} echoes")
            out.append(Figure(figure, share, "%", None, "higher"))
    return out


def lost(line: Line, talks: Talks, trials: int, over: str = "") -> list[Figure]:
    """Utterances with somebody's own voice that were left out; by what they said, over the echo."""
    out = []
    for name in ("sentence", "word"):
        heard = left_out = 0
        for number in range(trials):
            words = talks.word() if name == "word" else talks.pair()[1]
            path = talks.path(list(_TAILS_MS.values())[number % len(_TAILS_MS)], mobile=number % 4 == 3)
            own, other, place = talks.sides(path, words)
            mine = [each for each in line.verdicts(own, other) if each.span[0] < place[1] and place[0] < each.span[1]]
            heard += len(mine)
            left_out += sum(each.left_out for each in mine)
        print(f"double talk{over}, a {name}: {heard} utterances in {trials} trials")
        out.append(Figure(f"lost_{name}s{over.replace(' ', '_')}", float(left_out), "utterances", 0.0, "lower"))
    return out


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.crosstalk", description=__doc__)
    parser.add_argument("--data", type=Path, default=_DATA, help="folder with manifest.tsv and recordings")
    parser.add_argument("--trials", type=int, default=40, help="echoes for each path and loss")
    parser.add_argument("--double-talk", type=int, default=500, help="trials with sentences, and as many with words")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", type=Path, default=_MODELS)
    parser.add_argument("--prompts", type=Path, default=_PROMPTS, help="folder with our rendered prompts (*.alaw)")
    arguments = parser.parse_args()
    line = Line(SileroModel(models.silero_vad(arguments.models)).open)
    talks = Talks(sentences(arguments.data), arguments.seed)
    figures = caught(line, talks, _TAILS_MS, arguments.trials, mobile=False)
    figures += caught(line, talks, {"handset": _TAILS_MS["handset"]}, arguments.trials, mobile=True)
    figures += lost(line, talks, arguments.double_talk)
    if prompts := [alaw_decode(file.read_bytes()).reshape(-1) for file in sorted(arguments.prompts.glob("*.alaw"))]:
        talks = Talks(sentences(arguments.data), arguments.seed, prompts)
        figures += caught(line, talks, _TAILS_MS, arguments.trials, mobile=False, of="prompt")
        figures += lost(line, talks, arguments.double_talk, " over a prompt")
        figures += broken_off(prompts, 10 * arguments.trials, arguments.seed)
    return report(figures)


if __name__ == "__main__":
    raise SystemExit(main())
