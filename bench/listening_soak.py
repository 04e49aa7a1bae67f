"""Whether the listener's memory grows while it hears call after call at half of what it takes."""

import asyncio
import os
import time
from dataclasses import dataclass

import numpy as np
import psutil

from asr.isolation import running_engine
from asr.load import affordable_streams
from asr.settings import AsrSettings
from bench.figure import Figure, percentile
from bench.live_channels import live
from bench.live_figures import Place, workers_of

_ROUND_S = 60.0
_WARM_UP_SHARE = 0.25
"""Of the rounds: pages that are touched for the first time are no growth."""
_LEAST_ROUNDS = 8
_GROWTH_PERCENT_PER_H = 1.0


@dataclass(frozen=True)
class Footprint:
    """Memory of this process and the engine's, in MiB, so many seconds after the beginning."""

    at_s: float
    memory_mib: float


def soak_figures(place: Place, settings: AsrSettings, minutes: float) -> list[Figure]:
    """Calls of a minute, one after another, on half of the admitted channels. At least 8 rounds."""
    workers = workers_of(settings)
    footprints: list[Footprint] = []
    latencies_s: list[float] = []
    with running_engine(settings, place.models_dir, workers) as (engine, _):
        channels = affordable_streams(engine.real_time_factor(), workers, len(os.sched_getaffinity(0))) // 2
        began_s = time.monotonic()
        while time.monotonic() - began_s < 60 * minutes or len(footprints) < _LEAST_ROUNDS:
            talk = live(
                place.spoken,
                engine,
                place.detector,
                settings,
                channels=channels,
                seconds=_ROUND_S,
                workers=workers,
            )
            latencies_s += asyncio.run(talk).latencies_s
            footprints.append(Footprint(time.monotonic() - began_s, _memory_mib()))
            print(f"soak: {footprints[-1].at_s / 60:.0f} of {minutes:.0f} min, {footprints[-1].memory_mib:.0f} MiB")
    hours = footprints[-1].at_s / 3600
    print(f"soak: {channels} channels, {hours:.2f} h, {len(latencies_s)} finals, {footprints[-1].memory_mib:.0f} MiB")
    return [
        Figure("listening_memory_growth", growth_percent_per_h(footprints), "%/h", _GROWTH_PERCENT_PER_H, "lower"),
        Figure(f"soak_final_latency_p95_{channels}ch", percentile(latencies_s, 95), "s", None, "lower"),
    ]


def growth_percent_per_h(footprints: list[Footprint]) -> float:
    """Slope of the straight line through the memory behind the warm-up (least squares), of its mean."""
    steady = footprints[round(len(footprints) * _WARM_UP_SHARE) :]
    hours = [one.at_s / 3600 for one in steady]
    memory = np.array([one.memory_mib for one in steady])
    slope = float(np.polyfit(hours, memory, 1)[0])
    return 100 * slope / float(memory.mean())


def _memory_mib() -> float:
    ours = psutil.Process()
    return sum(float(one.memory_info().rss) for one in (ours, *ours.children(recursive=True))) / 2**20
