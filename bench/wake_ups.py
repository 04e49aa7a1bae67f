"""How late an idle process wakes up now, in real time before all else on the measured core: what no tick can beat.

`python -m bench.wake_ups SECONDS` sleeps to deadlines 20 ms apart and prints the 99th percentile of the lateness in ms.
"""

import subprocess
import sys
import time

from bench.cores import measured_core, pin_urgent
from telephony.media.tick import Metronome

_PRIORITY = 20
"""Above the tick's."""


class WakeUps:
    """The process as its starter sees it."""

    def __init__(self, seconds: float) -> None:
        command = [sys.executable, "-m", "bench.wake_ups", str(seconds)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        pin_urgent(self._process.pid, measured_core(), _PRIORITY)

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
    print(measure(float(sys.argv[1])))
