import asyncio

import numpy as np

from asr.crosstalk import LEAD_MS
from asr.side_sound import CallSounds, SideSound
from domain.g711 import alaw_decode, alaw_encode
from domain.side import Side
from tests.asr.sounds import chunks, silence, tone

SOUND = alaw_decode(alaw_encode(tone(3000))).reshape(-1)
QUIET = alaw_decode(alaw_encode(silence(1000))).reshape(-1)


def kept(*, from_ms: int = 0) -> SideSound:
    side = SideSound()
    for chunk in chunks(SOUND, from_ms=from_ms):
        side.keep(chunk)
    return side


def test_it_gives_back_what_it_heard_at_its_place() -> None:
    assert np.array_equal(kept().cut(500, 1500), SOUND[4000:12_000])


def test_before_its_beginning_there_is_silence_and_at_its_end_it_is_over() -> None:
    side = kept(from_ms=5000)
    assert np.array_equal(side.cut(4000, 6000), np.concatenate([QUIET, SOUND[:8000]]))
    assert np.array_equal(side.cut(7500, 9000), SOUND[20_000:])
    assert len(side.cut(9000, 9500)) == 0
    assert np.array_equal(side.cut(3000, 4000), QUIET)


def test_a_gap_is_silence_and_what_comes_twice_or_late_is_dropped() -> None:
    side, sound = SideSound(), chunks(SOUND)
    for chunk in (*sound[:5], *sound[15:20], sound[3], sound[19]):
        side.keep(chunk)
    assert np.array_equal(side.cut(0, 2000), np.concatenate([SOUND[:4000], QUIET, SOUND[12_000:16_000]]))


def test_after_a_jump_only_what_follows_is_known() -> None:
    side = kept()
    for chunk in chunks(SOUND, from_ms=60_000):
        side.keep(chunk)
    assert np.array_equal(side.cut(59_000, 61_000), np.concatenate([QUIET, SOUND[:8000]]))


def test_an_hour_takes_no_more_memory_than_the_longest_utterance() -> None:
    side = SideSound()
    for number in range(120):
        for chunk in chunks(SOUND, from_ms=number * 3000):
            side.keep(chunk)
    assert len(side.cut(0, 360_000)) == 360_000 * 8
    assert np.count_nonzero(np.abs(side.cut(0, 360_000)) > 20) < 23_000 * 8
    assert np.array_equal(side.cut(345_000, 348_000), SOUND)


def test_a_telephone_is_sent_the_other_side_and_what_is_played_to_it() -> None:
    call = CallSounds()
    for chunk in chunks(SOUND[:8000], from_ms=1000):
        call.keep_played(Side.CALLER, chunk)
    played = call.beside(Side.CALLER, 1000, 16_000)
    assert len(played) == LEAD_MS * 8 + 16_000
    assert np.array_equal(played[LEAD_MS * 8 :][:8000], SOUND[:8000])
    for chunk in chunks(silence(3000), side=Side.AGENT):
        call.keep(Side.AGENT, chunk)
    assert np.abs(call.beside(Side.CALLER, 1000, 16_000) - played).max() <= 8
    assert np.abs(call.beside(Side.AGENT, 1000, 16_000)).max(initial=0) <= 8


def test_a_prompt_may_come_back_as_long_as_it_is_near() -> None:
    call = CallSounds()
    assert not call.is_played(Side.CALLER, 1000)
    for chunk in chunks(SOUND[:8000], from_ms=1000):
        call.keep_played(Side.CALLER, chunk)
    assert call.is_played(Side.CALLER, 1100)
    assert call.is_played(Side.CALLER, 2000 + LEAD_MS - 10)
    assert not call.is_played(Side.CALLER, 2000 + LEAD_MS)
    assert not call.is_played(Side.AGENT, 1100)


def test_a_side_hears_the_other_one_and_what_was_before() -> None:
    call = CallSounds()
    for chunk in chunks(SOUND, side=Side.AGENT):
        call.keep(Side.AGENT, chunk)
    assert np.array_equal(call.beside(Side.CALLER, 1000, 8000), SOUND[8 * (1000 - LEAD_MS) : 16_000])
    assert len(call.beside(Side.AGENT, 1000, 8000)) == 0


def test_what_a_side_says_after_the_other_has_left_is_no_echo_of_it() -> None:
    """The agent's last words come back, then the agent hangs up, and the caller goes on in the same utterance."""
    rng = np.random.default_rng(12345)
    words = np.tile(np.repeat([0.0, 1.0], [1600, 4800]), 3)
    agent, caller = (rng.normal(0, 3000, len(words)) * words for _ in range(2))
    line, late = rng.normal(0, 8, len(words) + 8000), 800
    echo = line.copy()
    echo[late : late + len(agent)] += 0.2 * agent
    own = np.concatenate([echo[: late + len(agent)], caller])
    call = CallSounds()
    for chunk in chunks(np.concatenate([np.zeros(4000), agent]).astype(np.int16), side=Side.AGENT):
        call.keep(Side.AGENT, chunk)
    assert asyncio.run(call.is_crosstalk(Side.CALLER, echo.astype(np.int16), 500))
    assert not asyncio.run(call.is_crosstalk(Side.CALLER, own.astype(np.int16), 500))
