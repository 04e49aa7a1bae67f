"""The command as it is typed."""

import ast
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from hotline.cli import app
from hotline.late_commands import PLACES
from recordings.wav import write_wav


def test_a_refusal_is_printed_whole_with_what_stands_in_brackets(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hotline", "models", "fetch", "vosk-model-cn-0.22", "--from", "[asr].zip"]
    environment = os.environ | {"HOTLINE_SERVICE__DATA_DIR": str(tmp_path), "COLUMNS": "300"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert "[asr].zip: no such file" in done.stderr
    assert "what to do: it is published as https://" in done.stderr


def test_who_starts_a_role_loads_no_command_that_was_not_typed() -> None:
    loaded = "import hotline.cli, sys; print(sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert not {"sqlalchemy", "sippy", "nats", "models"} & set(ast.literal_eval(done.stdout))


@pytest.mark.parametrize("name", PLACES)
def test_each_command_is_where_it_is_looked_for(name: str) -> None:
    group = get_command(app)
    command = group.get_command(None, name)  # type: ignore[attr-defined]
    assert command.name == name
    assert command.get_short_help_str()


def test_a_command_that_is_none_is_refused_with_the_nearest() -> None:
    refused = CliRunner().invoke(app, ["flo"])
    assert refused.exit_code == 2
    assert "Did you mean 'flow'?" in refused.output


@pytest.mark.slow
def test_a_transcription_shows_its_progress_and_is_given_up_by_ctrl_c(tmp_path: Path) -> None:
    models_dir = Path(os.environ.get("HOTLINE_TEST_MODELS", "var/models")).resolve()
    (tmp_path / "models").symlink_to(models_dir)
    # Long enough that a fast machine, too, is at it when the first line comes, after ten seconds.
    minutes = np.random.default_rng(1).normal(0, 3000, 10 * 60 * 8000).astype(np.int16)
    write_wav(tmp_path / "hours.wav", np.tile(minutes, 24), 8000)
    command = [sys.executable, "-u", "-m", "hotline", "transcribe", str(tmp_path / "hours.wav")]
    environment = os.environ | {"HOTLINE_SERVICE__DATA_DIR": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdout=PIPE, stderr=PIPE, text=True) as process:
        assert process.stderr is not None
        first = next(line for line in process.stderr if "%" in line)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=120)
    assert re.fullmatch(r"hours\.wav  \d+ %(, about \d+:\d\d left)?\n", first)
    assert (out, process.returncode) == ("", 130)
    assert "given up at" in errors
