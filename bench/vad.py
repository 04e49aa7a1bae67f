"""Voice activity: how well each detector tells voice from silence and noise, beside bare webrtcvad in the same run.

python -m bench.vad [--data FOLDER] [--held-out] [--models FOLDER]

Each sentence of the folder lies between 1.5 s of its own room's noise, so that about half of the time somebody speaks,
as on one side of a call; with pink noise 15 and 5 dB below the voice; and then as a telephone sends it. Frames of 10 ms
are compared with `bench.active_speech`, which looks at the clean recording only.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import models
from asr.recogniser import WIDE_RATE_HZ, Samples
from asr.telephone import telephone_alaw
from asr.vad import OpenDetector, SileroModel, VoiceActivity, WebrtcActivity
from bench.active_speech import FRAME_MS, Flags, Wave, voice_of
from bench.figure import Figure, report
from bench.recordings import Sentence, sentences
from bench.telephone_noise import pink_noise
from domain.g711 import RATE_HZ, alaw_decode

_DATA = Path(__file__).parents[2] / "shared" / "data" / "speech"
_MODELS = Path(__file__).parents[1] / "var" / "models"
_PEER = "webrtcvad mode 2"
_SILENCE_S = 1.5
_FLOOR_PERCENT = 5
_CONDITIONS: dict[str, tuple[float | None, float | None]] = {
    "clean": (None, 0.90),
    "15_db": (15.0, None),
    "5_db": (5.0, 0.87),
}
"""Noise below the voice, and the F1 that we want."""


class BareWebrtc:
    """The peer: the detector of WebRTC as it is, without our floor of energy."""

    frame_samples = RATE_HZ // 50

    def __init__(self) -> None:
        import webrtcvad

        self._detector: Any = webrtcvad.Vad(2)

    def voiced(self, frame: Samples) -> bool:
        return bool(self._detector.is_speech(frame.tobytes(), RATE_HZ))


@dataclass
class Tally:
    """Frames: voice that was found, silence taken for voice, voice that was missed, silence that was left alone."""

    found: int = 0
    alarms: int = 0
    missed: int = 0
    quiet: int = 0

    def add(self, voice: Flags, decided: Flags) -> None:
        self.found += int(np.sum(voice & decided))
        self.alarms += int(np.sum(~voice & decided))
        self.missed += int(np.sum(voice & ~decided))
        self.quiet += int(np.sum(~voice & ~decided))

    @property
    def f1(self) -> float:
        return 2 * self.found / max(1, 2 * self.found + self.alarms + self.missed)

    @property
    def alarm_share(self) -> float:
        return self.alarms / max(1, self.alarms + self.quiet)


def between_silence(voice: Wave, rng: np.random.Generator) -> Wave:
    """The sentence between silences as loud as its own quietest moments."""
    window = WIDE_RATE_HZ // 40
    power = np.convolve(voice.astype(np.float64) ** 2, np.full(window, 1 / window), "same")
    floor = float(np.sqrt(np.percentile(power, _FLOOR_PERCENT)))
    length = round(_SILENCE_S * WIDE_RATE_HZ)
    before, after = rng.normal(0, floor, (2, length)).astype(np.float32)
    return np.concatenate([before, voice, after])


def on_telephone(sound: Wave, voice: Wave, noise_db: float | None, rng: np.random.Generator) -> Samples:
    """As 8 kHz samples. noise_db: how far below the voice the noise is, None without noise."""
    if noise_db is not None:
        level = np.sqrt(np.mean(voice**2)) * 10 ** (-noise_db / 20)
        sound = (sound + level * pink_noise(len(sound), rng)).astype(np.float32)
    return alaw_decode(telephone_alaw(sound, WIDE_RATE_HZ)).reshape(-1)


def decisions(detector: VoiceActivity, samples: Samples, frames: int) -> Flags:
    """What the detector says at the middle of each of the first `frames` times 10 ms."""
    size = detector.frame_samples
    said = np.array([detector.voiced(samples[at : at + size]) for at in range(0, len(samples) - size + 1, size)])
    middles = (np.arange(frames) * FRAME_MS + FRAME_MS // 2) * RATE_HZ // 1000
    decided: Flags = said[np.minimum(middles // size, len(said) - 1)]
    return decided


def measure(spoken: list[Sentence], detectors: dict[str, Callable[[], VoiceActivity]]) -> list[Figure]:
    """Every detector on every sentence in every condition; the first is the peer."""
    tallies = {(name, condition): Tally() for name in detectors for condition in _CONDITIONS}
    took_s = dict.fromkeys(detectors, 0.0)
    heard_s = 0.0
    for number, sentence in enumerate(spoken):
        rng = np.random.default_rng(number)
        voice = (sentence.wide / 32768).astype(np.float32)
        sound = between_silence(voice, rng)
        truth = voice_of(sound, WIDE_RATE_HZ)
        for condition, (noise_db, _) in _CONDITIONS.items():
            samples = on_telephone(sound, voice, noise_db, rng)
            heard_s += len(samples) / RATE_HZ
            for name, opened in detectors.items():
                began = time.process_time()
                decided = decisions(opened(), samples, len(truth))
                took_s[name] += time.process_time() - began
                tallies[name, condition].add(truth, decided)
    return _figures(list(detectors), tallies, {name: 1000 * spent / heard_s for name, spent in took_s.items()})


def _figures(names: list[str], tallies: dict[tuple[str, str], Tally], cost_ms: dict[str, float]) -> list[Figure]:
    peer, *ours = names
    out: list[Figure] = []
    for name in ours:
        for condition, (_, wanted) in _CONDITIONS.items():
            mine, its = tallies[name, condition], tallies[peer, condition]
            target = wanted if name == ours[0] else None
            out.append(Figure(f"{name}_f1_{condition}", mine.f1, "", target, "higher", _PEER, its.f1))
            shares = 100 * mine.alarm_share, 100 * its.alarm_share
            out.append(Figure(f"{name}_false_alarms_{condition}", shares[0], "%", None, "lower", _PEER, shares[1]))
        out.append(Figure(f"{name}_cost", cost_ms[name], "ms/s", None, "lower", _PEER, cost_ms[peer]))
    return out


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.vad", description=__doc__)
    parser.add_argument("--data", type=Path, default=_DATA, help="folder with manifest.tsv and recordings")
    parser.add_argument("--held-out", action="store_true", help="only every second one: thresholds saw the others")
    parser.add_argument("--models", type=Path, default=_MODELS)
    arguments = parser.parse_args()
    spoken = sentences(arguments.data)[1 if arguments.held_out else 0 :: 2 if arguments.held_out else 1]
    silero: OpenDetector = SileroModel(models.silero_vad(arguments.models)).open
    print(f"{len(spoken)} sentences, {sum(each.seconds for each in spoken) / 60:.1f} minutes")
    return report(measure(spoken, {"peer": BareWebrtc, "silero": silero, "webrtc": WebrtcActivity}))


if __name__ == "__main__":
    raise SystemExit(main())
