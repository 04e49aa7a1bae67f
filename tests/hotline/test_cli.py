"""The command as it is typed."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest

from recordings.wav import write_wav


def test_a_refusal_is_printed_whole_with_what_stands_in_brackets(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hotline", "models", "fetch", "vosk-model-cn-0.22", "--from", "[asr].zip"]
    environment = os.environ | {"HOTLINE_SERVICE__DATA_DIR": str(tmp_path), "COLUMNS": "300"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert "[asr].zip: no such file" in done.stderr
    assert "what to do: it is published as https://" in done.stderr


@pytest.mark.slow
def test_a_transcription_shows_its_progress_and_is_given_up_by_ctrl_c(tmp_path: Path) -> None:
    models_dir = Path(os.environ.get("HOTLINE_TEST_MODELS", "var/models")).resolve()
    (tmp_path / "models").symlink_to(models_dir)
    noise = np.random.default_rng(1).normal(0, 3000, 40 * 60 * 8000).astype(np.int16)
    write_wav(tmp_path / "hour.wav", noise, 8000)
    command = [sys.executable, "-u", "-m", "hotline", "transcribe", str(tmp_path / "hour.wav")]
    environment = os.environ | {"HOTLINE_SERVICE__DATA_DIR": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdout=PIPE, stderr=PIPE, text=True) as process:
        assert process.stderr is not None
        first = next(line for line in process.stderr if "%" in line)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    assert re.fullmatch(r"hour\.wav  \d+ %(, about \d+:\d\d left)?\n", first)
    assert (out, process.returncode) == ("", 130)
    assert "given up at" in errors
