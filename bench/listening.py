"""Live channels: the delay of finals and of first partials, with the engine in processes beside threads, and whether
the listener takes as many streams as it can serve in time; with --soak, whether its memory grows.

python -m bench.listening [--data FOLDER] [--seconds 60] [--channels 8] [--finals-only 24] [--admission]
                          [--soak MINUTES]
"""

import argparse
import os
from pathlib import Path

import models
from asr.isolation import running_engine
from asr.load import affordable_streams
from asr.settings import AsrSettings
from asr.vad import SileroModel
from bench.figure import Figure, percentile, report
from bench.listening_soak import soak_figures
from bench.live_figures import Place, live_figures, workers_of
from bench.recordings import sentences

DATA = Path(__file__).parents[2] / "shared" / "data" / "speech"
MODELS = Path(__file__).parents[1] / "var" / "models"
FINAL_S, FINALS_ONLY_S = 1.0, 1.2
_NO_PARTIALS_MS = 10_000
_STEPS = (1.0, 1.25, 1.5, 2.0)
"""Of the streams that are admitted, so many are tried."""


def partial_figures(place: Place, settings: AsrSettings, channels: int) -> list[Figure]:
    """Channels with partials; the peer is the same engine in threads of the listener."""
    threads = place.run(settings.model_copy(update={"isolation": "threads"}), channels)
    ours = place.run(settings, channels)
    return live_figures(ours, channels, FINAL_S, "engine in threads of the listener", threads)


def finals_only_figures(place: Place, settings: AsrSettings, channels: int) -> list[Figure]:
    """Channels without partials."""
    result = place.run(
        settings.model_copy(update={"partial_every_ms": _NO_PARTIALS_MS, "first_partial_ms": _NO_PARTIALS_MS}), channels
    )
    return [
        Figure(
            f"final_latency_p95_{channels}ch_finals_only",
            percentile(result.latencies_s, 95),
            "s",
            FINALS_ONLY_S,
            "lower",
        )
    ]


def admission_figures(place: Place, settings: AsrSettings) -> list[Figure]:
    """As many channels as the listener would take, and more, until finals are late."""
    workers = workers_of(settings)
    with running_engine(settings, place.models_dir, workers) as (engine, _):
        admitted = affordable_streams(engine.real_time_factor(), workers, len(os.sched_getaffinity(0)))
    kept = 0
    for channels in [round(admitted * step) for step in _STEPS]:
        result = place.run(settings, channels)
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
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES", help="at half load; 240 for the target")
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
    if arguments.soak:
        figures += soak_figures(place, settings, arguments.soak)
    return report(figures)


if __name__ == "__main__":
    raise SystemExit(main())
