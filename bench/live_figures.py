"""A run of live channels with the engine as the service has it, and what it tells."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from asr.isolation import running_engine
from asr.settings import AsrSettings
from asr.vad import OpenDetector
from bench.figure import Figure, percentile
from bench.live_channels import LiveResult, live
from bench.recordings import Sentence

FIRST_PARTIAL_S = 1.5
_MOST_WORKERS = 4


def workers_of(settings: AsrSettings) -> int:
    """Recognitions at once, as the role `listen` chooses."""
    return settings.workers or min(_MOST_WORKERS, len(os.sched_getaffinity(0)))


@dataclass(frozen=True)
class Place:
    """What all runs share."""

    spoken: list[Sentence]
    models_dir: Path
    detector: OpenDetector
    seconds: float

    def run(self, settings: AsrSettings, channels: int) -> LiveResult:
        """One run, told in a line."""
        workers = workers_of(settings)
        with running_engine(settings, self.models_dir, workers) as (engine, _):
            factor = engine.real_time_factor()
            talk = live(
                self.spoken,
                engine,
                self.detector,
                settings,
                channels=channels,
                seconds=self.seconds,
                workers=workers,
            )
            result = asyncio.run(talk)
        print(
            f"{channels} channels, {self.seconds:.0f} s, talk share {result.talk_share:.2f}, {workers} workers, "
            f"{settings.isolation}, {settings.voice_activity}, load {os.getloadavg()[0]:.1f}, factor {factor:.3f}: "
            f"{len(result.latencies_s)} finals p50 {percentile(result.latencies_s, 50):.2f} "
            f"p95 {percentile(result.latencies_s, 95):.2f} s, {result.partials} partials, "
            f"first p95 {percentile(result.shown.first_s, 95):.2f} s, error rate {100 * result.error_rate:.1f} %, "
            f"worse than live: {dict(result.worse)}",
            flush=True,
        )
        return result


def live_figures(
    ours: LiveResult, channels: int, final_target_s: float, peer: str | None = None, beside: LiveResult | None = None
) -> list[Figure]:
    """How soon finals and first words come, how many shown characters change again, and how many are wrong.

    peer, beside: another run to compare with.
    """
    share = 100 / max(1, ours.shown.characters)

    def figure(name: str, unit: str, target: float | None, measured: Callable[[LiveResult], float]) -> Figure:
        peers = measured(beside) if beside else None
        return Figure(f"{name}_{channels}ch", measured(ours), unit, target, "lower", peer, peers)

    return [
        figure("final_latency_p50", "s", None, lambda run: percentile(run.latencies_s, 50)),
        figure("final_latency_p95", "s", final_target_s, lambda run: percentile(run.latencies_s, 95)),
        figure("first_partial_p95", "s", FIRST_PARTIAL_S, lambda run: percentile(run.shown.first_s, 95)),
        Figure(f"shown_changed_{channels}ch", share * ours.shown.changed, "%", None, "lower"),
        Figure(f"firm_changed_{channels}ch", share * ours.shown.firm_changed, "%", None, "lower"),
        figure("live_cer", "%", 32.0, lambda run: 100 * run.error_rate),
    ]
