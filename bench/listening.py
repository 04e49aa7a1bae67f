"""Live channels: the delay of finals and of first partials, with the engine in processes beside threads, and whether
the listener takes as many streams as it can serve in time.

python -m bench.listening [--data FOLDER] [--seconds 60] [--channels 8] [--finals-only 24] [--admission]
"""

import argparse
import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import models
from asr.isolation import running_engine
from asr.load import affordable_streams
from asr.settings import AsrSettings
from asr.vad import OpenDetector, SileroModel
from bench.figure import Better, Figure, report
from bench.live_channels import LiveResult, live
from bench.recordings import Sentence, sentences

DATA = Path(__file__).parents[2] / "shared" / "data" / "speech"
MODELS = Path(__file__).parents[1] / "var" / "models"
FINAL_S, FINALS_ONLY_S, FIRST_PARTIAL_S = 1.0, 1.2, 1.5
_MOST_WORKERS = 4
_NO_PARTIALS_MS = 10_000
_STEPS = (1.0, 1.25, 1.5, 2.0)
"""Of the streams that are admitted, so many are tried."""


@dataclass(frozen=True)
class Place:
    """What all runs share."""

    spoken: list[Sentence]
    models_dir: Path
    detector: OpenDetector
    seconds: float

    def run(self, settings: AsrSettings, channels: int) -> tuple[LiveResult, float]:
        """One run, and the real-time factor that was measured before it."""
        workers = settings.workers or min(_MOST_WORKERS, len(os.sched_getaffinity(0)))
        with running_engine(settings, self.models_dir, workers) as (engine, _):
            factor = engine.real_time_factor()
            result = asyncio.run(
                live(
                    self.spoken,
                    engine,
                    self.detector,
                    settings,
                    channels=channels,
                    seconds=self.seconds,
                    workers=workers,
                )
            )
        print(
            f"{channels} channels, {self.seconds:.0f} s, talk share {result.talk_share:.2f}, {settings.isolation}, "
            f"load {os.getloadavg()[0]:.1f}, factor {factor:.3f}: {len(result.latencies_s)} finals "
            f"p50 {percentile(result.latencies_s, 50):.2f} p95 {percentile(result.latencies_s, 95):.2f} s, "
            f"{result.partials} partials, first p95 {percentile(result.shown.first_s, 95):.2f} s, "
            f"error rate {100 * result.error_rate:.1f} %, worse than live: {dict(result.worse)}",
            flush=True,
        )
        return result, factor


def percentile(values: list[float], percent: float) -> float:
    return float(np.percentile(values, percent)) if values else float("inf")


def partial_figures(place: Place, settings: AsrSettings, channels: int) -> list[Figure]:
    """Channels with partials; the peer is the same engine in threads of the listener."""
    threads, _ = place.run(settings.model_copy(update={"isolation": "threads"}), channels)
    ours, _ = place.run(settings, channels)
    lower: Better = "lower"
    peer = "engine in threads of the listener"
    return [
        Figure(
            f"final_delay_{name}_{channels}ch",
            percentile(ours.latencies_s, percent),
            "s",
            target,
            lower,
            peer,
            percentile(threads.latencies_s, percent),
        )
        for name, percent, target in (("p50", 50, None), ("p95", 95, FINAL_S))
    ] + [
        Figure(
            f"first_partial_p95_{channels}ch",
            percentile(ours.shown.first_s, 95),
            "s",
            FIRST_PARTIAL_S,
            lower,
            peer,
            percentile(threads.shown.first_s, 95),
        ),
        Figure(f"live_cer_{channels}ch", 100 * ours.error_rate, "%", None, lower, peer, 100 * threads.error_rate),
    ]


def finals_only_figures(place: Place, settings: AsrSettings, channels: int) -> list[Figure]:
    """Channels without partials."""
    result, _ = place.run(settings.model_copy(update={"partial_every_ms": _NO_PARTIALS_MS}), channels)
    return [
        Figure(
            f"final_delay_p95_{channels}ch_finals_only",
            percentile(result.latencies_s, 95),
            "s",
            FINALS_ONLY_S,
            "lower",
        )
    ]


def admission_figures(place: Place, settings: AsrSettings) -> list[Figure]:
    """As many channels as the listener would take, and more, until finals are late."""
    workers = settings.workers or min(_MOST_WORKERS, len(os.sched_getaffinity(0)))
    with running_engine(settings, place.models_dir, workers) as (engine, _):
        admitted = affordable_streams(engine.real_time_factor(), workers, len(os.sched_getaffinity(0)))
    kept = 0
    for channels in [round(admitted * step) for step in _STEPS]:
        result, _ = place.run(settings, channels)
        if percentile(result.latencies_s, 95) > FINALS_ONLY_S:
            break
        kept = channels
    return [
        Figure("streams_that_keep_the_delay", kept, "streams", admitted, "higher", "streams admitted", admitted),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.listening", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with manifest.tsv and recordings")
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--seconds", type=float, default=60.0, help="each run")
    parser.add_argument("--channels", type=int, default=8, help="with partials; 0: without this part")
    parser.add_argument("--finals-only", type=int, default=24, help="0: without this part")
    parser.add_argument("--admission", action="store_true", help="several more runs")
    arguments = parser.parse_args()
    settings = AsrSettings()
    detector = SileroModel(models.silero_vad(arguments.models)).open
    place = Place(sentences(arguments.data), arguments.models, detector, arguments.seconds)
    figures = []
    if arguments.channels:
        figures += partial_figures(place, settings, arguments.channels)
    if arguments.finals_only:
        figures += finals_only_figures(place, settings, arguments.finals_only)
    if arguments.admission:
        figures += admission_figures(place, settings)
    return report(figures)


if __name__ == "__main__":
    raise SystemExit(main())
