"""What every whole service of the tests needs to speak, made once for all of them."""

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.service import REPO

HOTLINE = [sys.executable, "-m", "hotline"]
RENDERED_WITHIN_S = 600.0


class DemoSpeech:
    """Models, prompts and the demo's conversation in the repository's data directory; made when they are not there."""

    def __init__(self) -> None:
        self._environment = os.environ | {
            "HOTLINE_SERVICE__DEMO": "true",
            "HOTLINE_SERVICE__DATA_DIR": str(REPO / "var"),
        }
        self._rendering: subprocess.Popen[bytes] | None = None
        if not any((REPO / "var" / "models").glob("*")):
            subprocess.run([*HOTLINE, "models", "fetch"], env=self._environment, cwd=REPO, check=True)
        if not any((REPO / "var" / "demo_speech").glob("*")):
            command = ["nice", "-n", "15", *HOTLINE, "prompts", "render"]
            self._rendering = subprocess.Popen(command, env=self._environment, cwd=REPO, stdout=subprocess.DEVNULL)

    def wait(self) -> Path:
        """The data directory, ready."""
        assert self._rendering is None or self._rendering.wait(RENDERED_WITHIN_S) == 0, "hotline prompts render failed"
        return REPO / "var"

    def give_up(self) -> None:
        if self._rendering is not None and self._rendering.poll() is None:
            self._rendering.terminate()
            self._rendering.wait()
