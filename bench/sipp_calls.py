"""Calls by sipp (Debian package sip-tester), with its own RTP: citizens who call at a steady rate and talk."""

import csv
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.cores import pin_urgent
from bench.sip_text import HOST
from domain.errors import HotlineError
from domain.g711 import RATE_HZ, alaw_encode

_SCENARIO = Path(__file__).parent / "scenarios" / "citizen_with_sound.xml"
_TALK_S = 10
_GRACE_S = 40.0


@dataclass(frozen=True)
class SippResult:
    """Times in ms, one for each call that was answered."""

    called: int
    failed: int
    invite_to_200_ms: list[float]


def is_installed() -> bool:
    return shutil.which("sipp") is not None


class SippCalls:
    """Started at once; `result` waits for its end. hold_s: from the answer to the BYE. cores: where it may run."""

    def __init__(self, port: int, calls: int, rate_hz: float, hold_s: float, cores: frozenset[int]) -> None:
        self._calls = calls
        self._limit_s = calls / rate_hz + hold_s + _GRACE_S
        self._folder = tempfile.TemporaryDirectory(prefix="sipp-")
        folder = Path(self._folder.name)
        shutil.copy(_SCENARIO, folder)
        (folder / "talk.alaw").write_bytes(_talk())
        command = [
            "sipp", f"{HOST}:{port}", "-i", HOST, "-sf", _SCENARIO.name, "-r", str(rate_hz), "-m", str(calls),
            "-l", str(calls), "-d", str(round(hold_s * 1000)), "-nostdin", "-trace_rtt", "-rtt_freq", "1",
            "-timer_resol", "1", "-mp", "32000", "-timeout", f"{self._limit_s:.0f}s",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        pin_urgent(self._process.pid, cores)

    def result(self) -> SippResult:
        """Waits for its end; HotlineError when sipp itself failed."""
        _, errors = self._process.communicate(timeout=self._limit_s + _GRACE_S)
        folder = Path(self._folder.name)
        times = [time for file in folder.glob("*_rtt.csv") for time in _response_times(file)]
        self._folder.cleanup()
        if self._process.returncode not in (0, 1):
            raise HotlineError("sipp failed", where=errors.decode(errors="replace")[-300:])
        return SippResult(self._calls, self._calls - len(times), times)


def _response_times(file: Path) -> list[float]:
    with file.open(encoding="utf-8") as lines:
        return [float(row[1]) for row in csv.reader(lines, delimiter=";") if row and row[0][:1].isdigit()]


def _talk() -> bytes:
    """Noise with the rhythm of speech: half a second loud, half a second soft."""
    noise = np.random.default_rng(1).normal(0, 3000, RATE_HZ * _TALK_S)
    rhythm = np.where(np.arange(len(noise)) // (RATE_HZ // 2) % 2, 0.02, 1.0)
    return alaw_encode(np.clip(noise * rhythm, -32000, 32000).astype(np.int16))
