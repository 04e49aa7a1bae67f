from domain.g711 import ALAW_SILENCE
from telephony.calls.played_sound import PlayedSound

PROMPT = bytes(range(1, 101)) * 16
"""200 ms."""
QUIET = bytes([ALAW_SILENCE])


def test_a_prompt_is_cut_in_step_with_the_callers_sound() -> None:
    played = PlayedSound()
    played.begin(1050, PROMPT, loop=False)
    chunks = [played.cut(at_ms, 800) for at_ms in range(900, 1500, 100)]
    assert chunks == [b"", QUIET * 400 + PROMPT[:400], PROMPT[400:1200], PROMPT[1200:] + QUIET * 400, b"", b""]


def test_what_begins_next_ends_what_was_played() -> None:
    played = PlayedSound()
    played.begin(1000, PROMPT, loop=False)
    played.begin(1050, b"", loop=False)
    played.begin(1075, PROMPT[800:], loop=False)
    assert played.cut(1000, 800) == PROMPT[:400] + QUIET * 200 + PROMPT[800:1000]
    assert played.cut(1100, 800) == PROMPT[1000:] + QUIET * 200


def test_music_goes_round() -> None:
    played = PlayedSound()
    played.begin(1000, b"abc", loop=True)
    assert played.cut(1000, 800) == (b"abc" * 267)[:800]
    assert played.cut(61_000, 800) == (b"abc" * 300)[480_000 % 3 :][:800]


def test_a_prompt_that_began_before_the_call_was_answered_is_cut_at_its_place() -> None:
    played = PlayedSound()
    played.begin(900, PROMPT, loop=False)
    assert played.cut(1000, 800) == PROMPT[800:]


def test_an_hour_of_prompts_keeps_the_last_one() -> None:
    played = PlayedSound()
    for second in range(3600):
        played.begin(second * 1000, PROMPT, loop=False)
        played.cut(second * 1000, 800)
    assert len(played._plays) <= 2
