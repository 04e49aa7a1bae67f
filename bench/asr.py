"""Recognition: character error rate on the telephone beside bare whisper-base, and the delay of live channels.

python -m bench.asr [--data FOLDER] [--seconds 120] [--channels 4] [--live-seconds 40]
"""

import argparse
import asyncio
import os
import time
from pathlib import Path

import numpy as np

import models
from asr.recogniser import Clip, Effort
from asr.scoring import character_error_rate
from asr.settings import AsrSettings
from asr.vad import OpenDetector, SileroModel, WebrtcActivity
from asr.whisper import Whisper
from bench.bare_whisper import BareWhisper
from bench.figure import Figure, report
from bench.live_channels import live
from bench.recordings import Sentence, sentences

_PEER = "bare whisper-base"
_DATA = Path(__file__).parents[2] / "shared" / "data" / "speech"
_MODELS = Path(__file__).parents[1] / "var" / "models"
_MOST_WORKERS = 4


def error_rates(spoken: list[Sentence], folder: Path, settings: AsrSettings, seconds: float) -> list[Figure]:
    """Ours and the peer's on the same sentences, in turns, until the time is up."""
    ours, bare = Whisper(folder, beam=settings.beam), BareWhisper(folder)
    our_pairs, bare_pairs, our_s, bare_s, heard_s = [], [], 0.0, 0.0, 0.0
    end = time.monotonic() + seconds
    for sentence in spoken:
        started = time.perf_counter()
        heard = ours.recognise([Clip(sentence.samples)], Effort.FINAL)[0]
        between = time.perf_counter()
        raw = bare.recognise(sentence.samples)
        our_s, bare_s = our_s + between - started, bare_s + time.perf_counter() - between
        heard_s += sentence.seconds
        our_pairs.append((sentence.transcript, heard.text))
        bare_pairs.append((sentence.transcript, raw))
        if time.monotonic() > end:
            break
    print(f"scored {len(our_pairs)} of {len(spoken)} sentences, {heard_s / 60:.1f} minutes of speech")
    whole = len(our_pairs) == len(spoken)
    our_rate, bare_rate = 100 * character_error_rate(our_pairs), 100 * character_error_rate(bare_pairs)
    return [
        Figure("telephone_cer", our_rate, "%", 18.9 if whole else None, "lower", _PEER, bare_rate),
        Figure("real_time_factor", our_s / heard_s, "s/s", 0.2, "lower", _PEER, bare_s / heard_s),
    ]


def live_figures(
    spoken: list[Sentence], folder: Path, detector: OpenDetector, settings: AsrSettings, channels: int, seconds: float
) -> list[Figure]:
    """Delay and error rate of live channels, through voice activity, endpointing and the scheduler."""
    workers = settings.workers or min(_MOST_WORKERS, len(os.sched_getaffinity(0)))
    engine = Whisper(folder, workers=workers, threads_per_worker=settings.threads_per_worker, beam=settings.beam)
    engine.real_time_factor()
    result = asyncio.run(live(spoken, engine, detector, settings, channels=channels, seconds=seconds, workers=workers))
    latencies = np.array(result.latencies_s or [np.inf])
    print(
        f"{channels} channels, {seconds:.0f} s, {workers} workers, {settings.voice_activity}: "
        f"{len(result.latencies_s)} finals, {result.partials} partials, {result.finals_only} times finals only"
    )
    return [
        Figure(f"final_latency_p50_{channels}ch", float(np.percentile(latencies, 50)), "s", None, "lower"),
        Figure(f"final_latency_p95_{channels}ch", float(np.percentile(latencies, 95)), "s", 1.2, "lower"),
        Figure(f"live_cer_{channels}ch", 100 * result.error_rate, "%", 32.0, "lower"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.asr", description=__doc__)
    parser.add_argument("--data", type=Path, default=_DATA, help="folder with manifest.tsv and recordings")
    parser.add_argument("--seconds", type=float, default=120.0, help="time for the error rates")
    parser.add_argument("--channels", type=int, default=4)
    parser.add_argument("--live-seconds", type=float, default=40.0, help="time for the live channels; 0: without")
    parser.add_argument("--voice-activity", choices=["silero", "webrtc"], default=AsrSettings().voice_activity)
    parser.add_argument("--models", type=Path, default=_MODELS)
    arguments = parser.parse_args()
    settings = AsrSettings(voice_activity=arguments.voice_activity)
    folder = models.whisper_base(arguments.models)
    silero = settings.voice_activity == "silero"
    detector: OpenDetector = SileroModel(models.silero_vad(arguments.models)).open if silero else WebrtcActivity
    spoken = sentences(arguments.data)
    figures = error_rates(spoken, folder, settings, arguments.seconds) if arguments.seconds > 0 else []
    if arguments.live_seconds > 0:
        figures += live_figures(spoken, folder, detector, settings, arguments.channels, arguments.live_seconds)
    return report(figures)


if __name__ == "__main__":
    raise SystemExit(main())
