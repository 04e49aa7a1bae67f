"""How late an idle process wakes up now, in real time before all else on the measured core: what no tick can beat.

`python -m bench.wake_ups SECONDS` prints a line, waits for one, sleeps to deadlines 20 ms apart, and prints the 99th
percentile of the lateness in ms.
"""

import subprocess
import sys
import time

from bench.cores import load_cores, measured_core, pin, pin_urgent
from telephony.media.tick import Metronome

_PRIORITY = 20
"""Above the tick's."""


class WakeUps:
    """The process as its starter sees it. It goes before all else only when it has started: that takes a core 75 ms."""

    def __init__(self, seconds: float) -> None:
        command = [sys.executable, "-m", "bench.wake_ups", str(seconds)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        pin(self._process.pid, load_cores())
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdout.readline()
        pin_urgent(self._process.pid, measured_core(), _PRIORITY)
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def p99_ms(self) -> float:
        """Waits for its end."""
        output, _ = self._process.communicate()
        return float(output)


def measure(seconds: float) -> float:
    """The 99th percentile of the lateness in ms."""
    metronome = Metronome(time.monotonic_ns())
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        time.sleep(metronome.wait_ns(time.monotonic_ns()) / 1e9)
        metronome.take(time.monotonic_ns())
    return metronome.lateness.quantile_ms(0.99)


if __name__ == "__main__":
    print("up", flush=True)
    sys.stdin.readline()
    print(measure(float(sys.argv[1])))
