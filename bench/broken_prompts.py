"""How many prompts their own echo breaks off: looked at each 100 ms as a listener does, while the prompt goes on."""

import asyncio

import numpy as np

from asr.held_start import HeldStart
from asr.recogniser import Samples
from asr.side_sound import CallSounds
from bench.echo_path import EchoPath, Wave, on_line
from bench.figure import Figure
from domain.audio import BYTES_PER_CHUNK, CHUNK_MS, AudioChunk
from domain.g711 import RATE_HZ, alaw_encode
from domain.side import Side
from domain.speech import SpeechStarted

_PER_MS = RATE_HZ // 1000
_SHORTEST = 3500 * _PER_MS
_MOVES = 20 * _PER_MS
_VOICE_MS = 200
"""So long a voice lasts when it is told to have begun."""
_AUDIBLE = 300
"""Of 32,767: where the echo is this loud a detector may find a voice."""


def broken_off(prompts: list[Samples], trials: int, seed: int) -> list[Figure]:
    """By echoes of 12 or 20 dB, 30 to 250 ms late, that stay in their place, and that give up 20 ms somewhere."""
    long_ones = [prompt for prompt in prompts if len(prompt) >= _SHORTEST]
    out = []
    for name, moves in (("", False), ("_moved", True)):
        rng = np.random.default_rng(seed)
        broken = sum(asyncio.run(breaks_off(*_trial(long_ones, moves, rng))) for _ in range(trials))
        print(f"prompts broken off by their echo{name.replace('_', ' ')}: {broken} of {trials}")
        out.append(Figure(f"prompts_broken_off{name}", 100 * broken / trials, "%", 2.0, "lower"))
    return out


def _trial(prompts: list[Samples], moves: bool, rng: np.random.Generator) -> tuple[Samples, Samples]:
    """What the telephone sends, and is played."""
    prompt = prompts[rng.integers(len(prompts))]
    path = EchoPath(rng.uniform(30, 250), rng.choice([12.0, 20.0]), rng.choice([2.0, 5.0]))
    back = path.back(np.concatenate([prompt.astype(np.float64), np.zeros(RATE_HZ)]), rng)
    place = int(rng.uniform(path.delay_ms + 300, len(prompt) / _PER_MS - 300)) * _PER_MS
    return on_line(_moved(back, place) if moves else back, rng.uniform(-70, -60), rng), prompt


def _moved(sound: Wave, place: int) -> Wave:
    return np.concatenate([sound[:place], sound[place + _MOVES :], np.zeros(_MOVES)])


async def breaks_off(own: Samples, prompt: Samples) -> bool:
    """own: what comes while the prompt is played; whether a voice is told before that is over."""
    sounds = CallSounds()
    start = HeldStart(sounds, Side.CALLER)
    begins_ms = int(np.argmax(np.abs(own.astype(np.int32)) > _AUDIBLE)) // _PER_MS
    sent, said = alaw_encode(prompt), alaw_encode(own)
    for number in range(len(sent) // BYTES_PER_CHUNK):
        at_ms = number * CHUNK_MS
        sounds.keep_played(Side.CALLER, _chunk(number, sent))
        sounds.keep(Side.CALLER, _chunk(number, said))
        if (begins_ms + _VOICE_MS) // CHUNK_MS == number:
            start.begins(SpeechStarted(call_id="call", side=Side.CALLER, utterance_id="u", start_ms=begins_ms))
        if await start.look(at_ms) is not None:
            return True
    return False


def _chunk(number: int, alaw: bytes) -> AudioChunk:
    piece = alaw[number * BYTES_PER_CHUNK : (number + 1) * BYTES_PER_CHUNK]
    return AudioChunk(Side.CALLER, number, number * CHUNK_MS, 0, piece)
