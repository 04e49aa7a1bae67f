"""The played sound of a finished call, from its events."""

import numpy as np

from domain.call import CallAnswered, CallEvent, PromptEnding, PromptPlayed
from domain.g711 import alaw_decode
from hotline.played_prompts import played_prompts

PROMPTS = {"您好": bytes(range(1, 101)) * 80}
"""One second."""
SOUND = alaw_decode(PROMPTS["您好"]).reshape(-1)


def answered(at_ms: int = 10_000) -> CallAnswered:
    return CallAnswered(call_id="c", number=1, at_ms=at_ms, switch_id="s")


def prompt(text: str, from_ms: int, to_ms: int) -> PromptPlayed:
    return PromptPlayed(
        call_id="c",
        number=2,
        at_ms=to_ms,
        switch_id="s",
        prompt=text,
        started_at_ms=from_ms,
        ending=PromptEnding.PLAYED,
    )


def played(*events: CallEvent) -> np.ndarray:
    return played_prompts(events, PROMPTS.get, 3 * 8000)


def test_a_prompt_lies_where_it_was_played_a_little_earlier() -> None:
    sound = played(answered(), prompt("您好", 11_000, 12_000))
    assert np.array_equal(sound[940 * 8 : 1940 * 8], SOUND)
    assert not sound[: 940 * 8].any()
    assert not sound[1940 * 8 :].any()


def test_one_that_was_broken_off_ends_there_and_one_before_the_answer_is_cut() -> None:
    assert not played(answered(), prompt("您好", 11_000, 11_300))[1240 * 8 :].any()
    early = played(answered(), prompt("您好", 9560, 10_560))
    assert np.array_equal(early[: 500 * 8], SOUND[500 * 8 :])


def test_what_is_not_known_is_silence() -> None:
    assert not played(answered(), prompt("别的", 11_000, 12_000)).any()
    assert not played(prompt("您好", 11_000, 12_000)).any()
    assert len(played(answered(), prompt("您好", 12_900, 13_900))) == 3 * 8000
