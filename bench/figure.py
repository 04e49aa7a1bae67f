"""The one way in which every bench says what it measured.

A bench collects `Figure`s and ends with `raise SystemExit(report(figures))`: a line that names the machine, then one
JSON line for each figure, and an exit status of 1 when a target is missed.
"""

import json
import math
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

import numpy as np

Better = Literal["lower", "higher"]


@dataclass(frozen=True)
class Figure:
    """One measured number beside its target and, when there is one, beside a peer measured in the same run.

    target: None where the number is only told. peer: what the peer is; peer_value: the same number of the peer.
    """

    figure: str
    value: float
    unit: str
    target: float | None
    better: Better
    peer: str | None = None
    peer_value: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the target holds; a number that is not finite never does."""
        if not math.isfinite(self.value):
            return False
        if self.target is None:
            return True
        return self.value <= self.target if self.better == "lower" else self.value >= self.target

    @property
    def ratio(self) -> float | None:
        """Ours divided by the peer's; None without a peer, or when the peer's number is zero or not finite."""
        if not self.peer_value or not math.isfinite(self.peer_value) or not math.isfinite(self.value):
            return None
        return self.value / self.peer_value

    def json_line(self) -> str:
        """The figure as one line of JSON; numbers that JSON does not know (NaN, infinity) are null."""
        return json.dumps(
            {
                "figure": self.figure,
                "value": _plain(self.value),
                "unit": self.unit,
                "target": _plain(self.target),
                "better": self.better,
                "peer": self.peer,
                "peer_value": _plain(self.peer_value),
                "ratio": _plain(self.ratio),
            },
            ensure_ascii=False,
        )


def percentile(values: Sequence[float], percent: float) -> float:
    """NaN of no values, which reaches no target."""
    return float(np.percentile(values, percent)) if values else float("nan")


def report(figures: list[Figure], *, out: TextIO | None = None) -> int:
    """Print the machine and every figure; 0 when each target is reached, else 1 (no figure at all is 1 too)."""
    stream = sys.stdout if out is None else out
    print(f"machine: {machine()}", file=stream)
    for figure in figures:
        print(figure.json_line(), file=stream)
    missed = [figure.figure for figure in figures if not figure.reached]
    if missed:
        print(f"targets missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed or not figures else 0


def machine() -> str:
    """What the bench ran on: processor, usable cores, memory, Python, and how busy it was."""
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    return (
        f"{_processor()}, {cores} cores, {_memory_gib():.0f} GiB, "
        f"Python {platform.python_version()}, load {load:.1f} at the end"
    )


def _plain(number: float | None) -> float | None:
    if number is None or not math.isfinite(number):
        return None
    return float(f"{number:.6g}")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
