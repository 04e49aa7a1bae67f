"""A synthesiser that hums: the port's fake, quick and without a model."""

import os
from pathlib import Path

import numpy as np
import pytest

from domain.errors import AudioError, ModelError
from tts.synthesiser import Sound, Synthesiser


class HummingSynthesiser:
    """100 ms of 440 Hz for each character; knows one voice."""

    def __init__(self, engine: str = "hum.1") -> None:
        self.engine = engine
        self.spoken: list[str] = []

    def synthesise(self, text: str, voice: str, speed: float) -> Sound:
        if voice != "zf_xiaobei":
            raise ModelError(f"no voice is called '{voice}'")
        if not any(character.isalnum() for character in text):
            raise AudioError("there is nothing to say in this text")
        self.spoken.append(text)
        length = int(len(text) * 0.1 * 24000 / speed)
        return Sound(np.sin(np.arange(length) * 2 * np.pi * 440 / 24000).astype(np.float32) * 0.3, 24000)


@pytest.fixture
def humming() -> HummingSynthesiser:
    return HummingSynthesiser()


@pytest.fixture(scope="session")
def kokoro() -> Synthesiser:
    return open_kokoro()


def open_kokoro() -> Synthesiser:
    """The real engine; `hotline models fetch` puts it into var/models (or HOTLINE_TEST_MODELS)."""
    from tts.kokoro import Kokoro

    models_dir = Path(os.environ.get("HOTLINE_TEST_MODELS", "var/models"))
    try:
        return Kokoro(models_dir)
    except ModelError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"Kokoro is not on this machine (run `hotline models fetch`): {error}")
