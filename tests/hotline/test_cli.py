import os
import subprocess
import sys
from pathlib import Path


def test_a_refusal_is_printed_whole_with_what_stands_in_brackets(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hotline", "models", "fetch", "vosk-model-cn-0.22", "--from", "[asr].zip"]
    environment = os.environ | {"HOTLINE_SERVICE__DATA_DIR": str(tmp_path), "COLUMNS": "300"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert "[asr].zip: no such file" in done.stderr
    assert "what to do: it is published as https://" in done.stderr
