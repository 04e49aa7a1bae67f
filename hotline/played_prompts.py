"""What a finished call's caller was played, as the sound that it was, for who has to know its echo. Pure."""

from collections.abc import Callable, Sequence

import numpy as np

from asr.recogniser import Samples
from domain.call import CallAnswered, CallEvent, PromptPlayed
from domain.g711 import RATE_HZ, alaw_decode

_PER_MS = RATE_HZ // 1000
_SAID_EARLIER_MS = 60
"""So much earlier than the events say: the echo is looked for after the sound, never before it."""

Prompts = Callable[[str], bytes | None]
"""A prompt's text → its A-law, None where it is not there (any more)."""


def played_prompts(events: Sequence[CallEvent], prompts: Prompts, samples: int) -> Samples:
    """On the call's media clock, so many samples of it; silence where nothing was played, or nobody knows what."""
    out = np.zeros(samples, dtype=np.int16)
    answered = next((event for event in events if isinstance(event, CallAnswered)), None)
    if answered is None:
        return out
    for event in events:
        alaw = prompts(event.prompt) if isinstance(event, PromptPlayed) else None
        if isinstance(event, PromptPlayed) and alaw is not None:
            begin = (event.started_at_ms - answered.at_ms - _SAID_EARLIER_MS) * _PER_MS
            end = min(samples, begin + (event.at_ms - event.started_at_ms) * _PER_MS, begin + len(alaw))
            if end > max(0, begin):
                out[max(0, begin) : end] = alaw_decode(alaw)[max(0, -begin) : end - begin]
    return out
