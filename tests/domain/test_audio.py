"""The audio chunk's wire form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audio import AudioChunk, decode_chunk, encode_chunk
from domain.errors import AudioError
from domain.side import Side


@given(
    side=st.sampled_from(Side),
    sequence=st.integers(0, 2**32 - 1),
    media_ms=st.integers(0, 2**32 - 1),
    captured_at_ms=st.integers(0, 2**63),
    alaw=st.binary(max_size=1000),
    last=st.booleans(),
)
def test_a_chunk_comes_back_as_it_went(
    side: Side, sequence: int, media_ms: int, captured_at_ms: int, alaw: bytes, last: bool
) -> None:
    chunk = AudioChunk(
        side=side, sequence=sequence, media_ms=media_ms, captured_at_ms=captured_at_ms, alaw=alaw, last=last
    )
    assert decode_chunk(encode_chunk(chunk)) == chunk


@given(st.binary(max_size=100))
def test_other_bytes_are_refused_or_read_but_never_crash(wire: bytes) -> None:
    try:
        chunk = decode_chunk(wire)
    except AudioError:
        return
    assert wire[0] == 1
    assert len(chunk.alaw) == len(wire) - 20


def test_a_short_message_says_how_short() -> None:
    with pytest.raises(AudioError, match="3 bytes"):
        decode_chunk(b"abc")


def test_repr_shows_no_sound() -> None:
    chunk = AudioChunk(side=Side.CALLER, sequence=1, media_ms=0, captured_at_ms=0, alaw=b"x" * 800)
    assert "xx" not in repr(chunk)
