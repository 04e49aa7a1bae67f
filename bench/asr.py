"""Recognition: character error rate on the telephone beside bare whisper-base, and the delay of live channels.

python -m bench.asr [--data FOLDER] [--seconds 900] [--channels 4] [--live-seconds 40] [--engine vosk --model NAME]
"""

import argparse
import time
from dataclasses import dataclass, field
from pathlib import Path

import models
from asr.engine import load_engine
from asr.recogniser import WIDE_RATE_HZ, Clip, Effort, Recogniser
from asr.scoring import character_error_rate
from asr.settings import AsrSettings
from asr.vad import OpenDetector, SileroModel, WebrtcActivity
from bench.bare_whisper import BareWhisper
from bench.calibration import calibration_error, right_places
from bench.figure import Figure, report
from bench.live_figures import Place, live_figures
from bench.recordings import Sentence, sentences

_PEER = "bare whisper-base"
_DATA = Path(__file__).parents[2] / "shared" / "data" / "speech"
_MODELS = Path(__file__).parents[1] / "var" / "models"
_FINAL_S = 1.2
_OF_BARE = 0.80
"""The error rate that we want, as a share of the peer's on the same recordings."""


def error_rates(spoken: list[Sentence], folder: Path, settings: AsrSettings, seconds: float) -> list[Figure]:
    """Ours and the peer's on the same sentences, in turns, on the telephone and at 16 kHz, until the time is up."""
    ours, bare = load_engine(settings, folder.parent, 1), BareWhisper(folder)
    score = _Score()
    end = time.monotonic() + seconds
    for sentence in spoken:
        score.hear(sentence, ours, bare)
        if time.monotonic() > end:
            break
    print(
        f"{ours.name}: scored {len(score.ours)} of {len(spoken)} sentences, {score.heard_s / 60:.1f} minutes of speech"
    )
    return score.figures()


@dataclass
class _Score:
    """(transcript, recognised) pairs of each engine, and what they took.

    promised: of each sentence our confidence, the share of its characters that is right, and how many they are.
    """

    ours: list[tuple[str, str]] = field(default_factory=list)
    bare: list[tuple[str, str]] = field(default_factory=list)
    ours_wide: list[tuple[str, str]] = field(default_factory=list)
    bare_wide: list[tuple[str, str]] = field(default_factory=list)
    promised: list[tuple[float, float, int]] = field(default_factory=list)
    ours_s: float = 0.0
    bare_s: float = 0.0
    heard_s: float = 0.0

    def hear(self, sentence: Sentence, ours: Recogniser, bare: BareWhisper) -> None:
        narrow, wide = Clip(sentence.samples), Clip(sentence.wide, WIDE_RATE_HZ)
        began = time.process_time()
        heard = ours.recognise([narrow], Effort.FINAL)[0]
        between = time.process_time()
        self.ours.append((sentence.transcript, heard.text))
        if right := list(right_places(sentence.transcript, heard.text).values()):
            self.promised.append((heard.confidence, sum(right) / len(right), len(right)))
        self.bare.append((sentence.transcript, bare.recognise(sentence.samples)))
        self.ours_s, self.bare_s = self.ours_s + between - began, self.bare_s + time.process_time() - between
        self.heard_s += sentence.seconds
        self.ours_wide.append((sentence.transcript, ours.recognise([wide], Effort.FINAL)[0].text))
        self.bare_wide.append((sentence.transcript, bare.recognise(sentence.wide, WIDE_RATE_HZ)))

    def figures(self) -> list[Figure]:
        ours, bare, ours_wide, bare_wide = (
            100 * character_error_rate(pairs) for pairs in (self.ours, self.bare, self.ours_wide, self.bare_wide)
        )
        factor, bare_factor = self.ours_s / self.heard_s, self.bare_s / self.heard_s
        out = [
            Figure("telephone_cer", ours, "%", _OF_BARE * bare, "lower", _PEER, bare),
            Figure("wide_band_cer", ours_wide, "%", bare_wide, "lower", _PEER, bare_wide),
            Figure("real_time_factor", factor, "s/s", 0.2, "lower", _PEER, bare_factor),
        ]
        if self.promised:
            promised, right, characters = zip(*self.promised, strict=True)
            out.append(Figure("confidence_error", calibration_error(promised, right, characters), "", None, "lower"))
        return out


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.asr", description=__doc__)
    parser.add_argument("--data", type=Path, default=_DATA, help="folder with manifest.tsv and recordings")
    parser.add_argument("--seconds", type=float, default=900.0, help="time for the error rates")
    parser.add_argument("--channels", type=int, default=4)
    parser.add_argument("--live-seconds", type=float, default=40.0, help="time for the live channels; 0: without")
    parser.add_argument("--voice-activity", choices=["silero", "webrtc"], default=AsrSettings().voice_activity)
    parser.add_argument("--models", type=Path, default=_MODELS)
    for setting in ("engine", "model", "model-type", "remote-url"):
        parser.add_argument(f"--{setting}", help="as in the section [asr] of hotline.toml")
    arguments = parser.parse_args()
    chosen = ("voice_activity", "engine", "model", "model_type", "remote_url")
    settings = AsrSettings.model_validate(
        {name: value for name in chosen if (value := getattr(arguments, name)) is not None}
    )
    folder = models.whisper_base(arguments.models)
    silero = settings.voice_activity == "silero"
    detector: OpenDetector = SileroModel(models.silero_vad(arguments.models)).open if silero else WebrtcActivity
    spoken = sentences(arguments.data)
    figures = error_rates(spoken, folder, settings, arguments.seconds) if arguments.seconds > 0 else []
    if arguments.live_seconds > 0:
        place = Place(spoken, folder.parent, detector, arguments.live_seconds)
        figures += live_figures(place.run(settings, arguments.channels), arguments.channels, _FINAL_S)
    return report(figures)


if __name__ == "__main__":
    raise SystemExit(main())
