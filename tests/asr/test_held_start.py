"""The echo of a prompt, looked at each 100 ms as it comes: no voice, wherever a jitter buffer moves it on its way."""

import numpy as np
import pytest

from asr.held_start import HeldStart
from asr.recogniser import Samples
from asr.side_sound import CallSounds
from domain.audio import CHUNK_MS
from domain.side import Side
from domain.speech import SpeechStarted
from tests.asr.sounds import chunks
from tests.asr.test_crosstalk import PER_MS, echo, line, voice

DELAY_MS, MOVES_MS = 160, 20
PROMPT_MS = 5000


def moved(sound: np.ndarray, at_ms: int) -> np.ndarray:
    """A jitter buffer gives up 20 ms here."""
    place, cut = at_ms * PER_MS, MOVES_MS * PER_MS
    return np.concatenate([sound[:place], sound[place + cut :], np.zeros(cut)])


async def told_at_ms(own: Samples, prompt: Samples, begins_ms: int) -> int | None:
    """When the voice that begins there is told, while the prompt goes on; None: never."""
    sounds, started = CallSounds(), SpeechStarted(call_id="c", side=Side.CALLER, utterance_id="u", start_ms=begins_ms)
    start = HeldStart(sounds, Side.CALLER)
    for number, (played, heard) in enumerate(zip(chunks(prompt), chunks(own), strict=False)):
        sounds.keep_played(Side.CALLER, played)
        sounds.keep(Side.CALLER, heard)
        now_ms = (number + 1) * CHUNK_MS
        if begins_ms // CHUNK_MS == number:
            assert start.begins(started) is None
        if await start.look(now_ms) is not None:
            return now_ms
    return None


@pytest.mark.parametrize("at_ms", range(400, PROMPT_MS, 230))
async def test_a_prompt_does_not_break_itself_off_when_its_echo_moves(at_ms: int) -> None:
    prompt = voice(PROMPT_MS)
    back = moved(echo(prompt, DELAY_MS, 14.0), at_ms)
    assert await told_at_ms(line(back, 8.0), prompt, DELAY_MS) is None


@pytest.mark.parametrize("at_ms", [1000, 2100, 3150])
async def test_who_speaks_over_an_echo_that_has_moved_is_told_within_a_second(at_ms: int) -> None:
    prompt, word = voice(PROMPT_MS), voice(1200, 1000.0, seed=1)
    own = moved(echo(prompt, DELAY_MS, 14.0), 1000)
    own[at_ms * PER_MS :][: len(word)] += word
    told = await told_at_ms(line(own, 8.0), prompt, DELAY_MS)
    assert told is not None
    assert at_ms < told <= at_ms + 1000
