"""What every whole service of the tests needs to speak, made once for all of them."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.service import REPO, eventually

HOTLINE = [sys.executable, "-m", "hotline"]
MADE_WITHIN_S = 600.0


class DemoSpeech:
    """Models, prompts and the demo's conversation in the repository's data directory; made when they are not there.

    Of several processes that test beside each other one makes them: it has the lock while it does.
    """

    def __init__(self) -> None:
        self._var = REPO / "var"
        self._environment = os.environ | {
            "HOTLINE_SERVICE__DEMO": "true",
            "HOTLINE_SERVICE__DATA_DIR": str(self._var),
        }
        self._var.mkdir(exist_ok=True)
        self._lock = (self._var / "demo_speech.lock").open("w")
        self._making: subprocess.Popen[bytes] | None = None
        if not self._is_there() and self._is_mine():
            self._making = self._make()
            self._lock.close()  # the process that makes them has it

    def wait(self) -> Path:
        """The data directory, ready."""
        if self._making is not None:
            assert self._making.wait(MADE_WITHIN_S) == 0, "`hotline models fetch` or `hotline prompts render` failed"
        elif not self._lock.closed:
            eventually(self._is_mine, MADE_WITHIN_S, "another process has made the prompts")
            self._lock.close()
        assert self._is_there(), "the process that should make the prompts has not made them"
        return self._var

    def give_up(self) -> None:
        if self._making is not None and self._making.poll() is None:
            self._making.terminate()
            self._making.wait()

    def _is_there(self) -> bool:
        return all(any((self._var / name).glob("*")) for name in ("models", "demo_speech"))

    def _is_mine(self) -> bool:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _make(self) -> subprocess.Popen[bytes]:
        """At low priority. Models are fetched first, which takes seconds."""
        if not any((self._var / "models").glob("*")):
            subprocess.run([*HOTLINE, "models", "fetch"], env=self._environment, cwd=REPO, check=True)
        return subprocess.Popen(
            ["nice", "-n", "15", *HOTLINE, "prompts", "render"],
            env=self._environment,
            cwd=REPO,
            stdout=subprocess.DEVNULL,
            pass_fds=[self._lock.fileno()],
        )
