"""Loads and uses a model in a process of its own first: over damage Kaldi and sherpa-onnx end the process.

python -m asr.trial_load ENGINE FOLDER [TYPE]
"""

import subprocess
import sys
from pathlib import Path

from domain.errors import HotlineError, ModelError

_TIMEOUT_S = 300.0
_REMEDY = "run `hotline models verify`; check [asr] model_type; fetch the model again: `hotline models fetch`"


def try_loading(engine: str, folder: Path, model_type: str = "") -> None:
    """ModelError when the engine cannot load the model, in whichever way it takes that."""
    command = [sys.executable, "-m", "asr.trial_load", engine, str(folder), model_type]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{engine} loads for {_TIMEOUT_S:.0f} s", where=str(folder), remedy=_REMEDY) from error
    if done.returncode:
        said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        reason = said[-1] if said else f"it ended with {done.returncode}"
        raise ModelError(f"{engine} does not load the model: {reason[:300]}", where=str(folder), remedy=_REMEDY)


def _load(engine: str, folder: Path, model_type: str) -> None:
    import numpy as np

    from asr.recogniser import Clip, Effort
    from asr.sherpa import STREAMING, SherpaClips, SherpaStreaming
    from asr.vosk import Vosk

    sound = np.random.default_rng(0).normal(0.0, 1600.0, 4000).astype(np.int16)
    if engine == "sherpa-onnx" and model_type not in STREAMING:
        SherpaClips(folder, model_type).recognise([Clip(sound)], Effort.FINAL)
        return
    session = (Vosk(folder) if engine == "vosk" else SherpaStreaming(folder, model_type)).open(8000)
    session.accept(sound)
    session.finish()


if __name__ == "__main__":
    try:
        _load(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
    except HotlineError as refused:
        raise SystemExit(refused.what) from refused
