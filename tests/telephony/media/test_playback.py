"""What is played goes out whole, once, or round and round."""

from hypothesis import given
from hypothesis import strategies as st

from telephony.media.playback import Playback


@given(st.binary(min_size=1, max_size=1000))
def test_a_sound_is_sent_whole_and_reported_at_its_end(sound: bytes) -> None:
    playback = Playback()
    playback.begin(sound, token=9, loop=False)
    sent = b""
    while (frame := playback.next_frame()) is not None:
        assert len(frame) == 160
        sent += frame
    assert sent[: len(sound)] == sound
    assert set(sent[len(sound) :]) <= {0xD5}
    assert len(sent) - len(sound) < 160
    assert playback.take_played() == [9]
    assert playback.take_played() == []


@given(st.binary(min_size=1, max_size=700))
def test_a_loop_has_no_seam(sound: bytes) -> None:
    playback = Playback()
    playback.begin(sound, token=1, loop=True)
    sent = b"".join(playback.next_frame() or b"" for _ in range(30))
    assert sent == (sound * (4800 // len(sound) + 1))[:4800]
    assert playback.take_played() == []


def test_what_is_replaced_or_stopped_is_not_reported() -> None:
    playback = Playback()
    playback.begin(bytes(320), token=1, loop=False)
    playback.next_frame()
    playback.begin(bytes(160), token=2, loop=False)
    playback.next_frame()
    playback.begin(bytes(320), token=3, loop=False)
    playback.begin(b"", token=4, loop=False)
    assert playback.next_frame() is None
    assert playback.take_played() == [2]
