"""The right channel goes on without a gap, whoever of us speaks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.g711 import ALAW_SILENCE, alaw_decode, alaw_encode
from telephony.calls.our_side import LAG_MS, OurSide


class Channel:
    """What was put out, which must be without gap and overlap."""

    def __init__(self, begin_ms: int = 0) -> None:
        self.begin_ms = begin_ms
        self.alaw = b""
        self.side = OurSide(self._put)
        self.side.begin(begin_ms)

    def _put(self, media_ms: int, alaw: bytes) -> None:
        assert (media_ms - self.begin_ms) * 8 <= len(self.alaw) < (media_ms - self.begin_ms + 1) * 8
        self.alaw += alaw

    def level(self, media_ms: int) -> int:
        return int(alaw_decode(self.alaw)[(media_ms - self.begin_ms) * 8])


def tone(level: int, ms: int = 100) -> bytes:
    return alaw_encode(np.full(ms * 8, level, dtype=np.int16))


def test_one_speaker_passes_byte_for_byte_at_once() -> None:
    channel = Channel(40)
    channel.side.hear(frozenset({"a"}), 40)
    chunk = bytes(range(256)) * 3 + bytes(32)
    channel.side.push("a", 40, chunk)
    assert channel.alaw == chunk


def test_who_is_not_heard_by_the_caller_is_silence_on_the_recording() -> None:
    channel = Channel()
    channel.side.hear(frozenset({"a"}), 0)
    channel.side.push("a", 0, tone(4000))
    channel.side.hear(frozenset(), 150)  # on hold in the middle of a chunk
    for start_ms in range(100, 1000, 100):
        channel.side.push("a", start_ms, tone(4000))
        channel.side.keep_up(start_ms + 100)
    assert channel.level(149) > 3000
    assert abs(channel.level(151)) < 20
    channel.side.hear(frozenset({"a"}), 1010)
    channel.side.push("a", 1000, tone(4000))
    assert abs(channel.level(1009)) < 20
    assert channel.level(1011) > 3000


def test_two_speakers_are_added_up_at_their_places() -> None:
    channel = Channel()
    channel.side.hear(frozenset({"a", "b"}), 0)
    channel.side.push("a", 0, tone(4000))
    channel.side.push("b", 30, tone(2000))
    channel.side.push("a", 100, tone(4000))
    channel.side.push("b", 130, tone(2000))
    assert 3800 < channel.level(10) < 4200
    assert 5700 < channel.level(50) < 6300
    channel.side.finish()
    assert 1900 < channel.level(220) < 2100


def test_another_takes_over_without_a_gap() -> None:
    channel = Channel()
    channel.side.hear(frozenset({"a"}), 0)
    channel.side.push("a", 0, tone(4000))
    channel.side.hear(frozenset({"b"}), 140)
    channel.side.push("a", 100, tone(4000))  # its last chunk comes after it has left
    channel.side.push("b", 120, tone(2000))
    channel.side.push("b", 220, tone(2000))
    assert channel.level(130) > 3800
    assert 1900 < channel.level(150) < 2100
    assert 1900 < channel.level(300) < 2100


def test_a_leg_that_does_not_come_is_not_waited_for_longer_than_the_lag() -> None:
    channel = Channel()
    channel.side.hear(frozenset({"a", "b"}), 0)
    channel.side.push("a", 0, tone(4000))
    assert channel.alaw == b""
    channel.side.keep_up(LAG_MS + 200)
    assert len(channel.alaw) == 1600
    assert channel.level(50) > 3800
    assert channel.alaw[800:] == bytes([ALAW_SILENCE]) * 800


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("push"), st.sampled_from("abc")),
            st.tuples(st.just("hear"), st.sampled_from(["", "a", "b", "ab", "abc"])),
        ),
        max_size=60,
    )
)
def test_whatever_happens_the_channel_has_no_gap_and_no_overlap(happenings: list[tuple[str, str]]) -> None:
    channel = Channel()
    now_ms = 0
    ends = {"a": 0, "b": 33, "c": 71}
    for what, who in happenings:
        if what == "hear":
            channel.side.hear(frozenset(who), now_ms)
            continue
        channel.side.push(who, ends[who], tone(1000))
        ends[who] += 100
        now_ms = max(now_ms, ends[who])
        channel.side.keep_up(now_ms)
    channel.side.finish()
    assert len(channel.alaw) // 8 >= now_ms - LAG_MS
    assert len(channel.alaw) // 8 <= now_ms
