"""G.711 against the standard's own corner values and against itself."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain import g711


def test_corner_values_of_the_standard() -> None:
    assert g711.alaw_decode(bytes([0xD5, 0x55, 0x2A, 0xAA])).tolist() == [8, -8, -32256, 32256]
    assert g711.ulaw_decode(bytes([0xFF, 0x7F, 0x00, 0x80])).tolist() == [0, 0, -32124, 32124]


def test_every_alaw_code_survives_decoding_and_encoding() -> None:
    codes = bytes(range(256))
    assert g711.alaw_encode(g711.alaw_decode(codes)) == codes


def test_every_ulaw_level_survives_decoding_and_encoding() -> None:
    codes = bytes(range(256))
    again = g711.ulaw_encode(g711.ulaw_decode(codes))
    assert g711.ulaw_decode(again).tolist() == g711.ulaw_decode(codes).tolist()


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=200))
def test_encoding_picks_the_nearest_level(samples: list[int]) -> None:
    pcm = np.array(samples, dtype=np.int16)
    wide = pcm.astype(np.int32)
    got = np.abs(g711.alaw_decode(g711.alaw_encode(pcm)).astype(np.int32) - wide)
    best = np.abs(g711.ALAW_DECODE.astype(np.int32)[None, :] - wide[:, None]).min(axis=1)
    assert got.tolist() == best.tolist()


def test_law_to_law_tables_keep_the_sound() -> None:
    codes = bytes(range(256))
    pcm = g711.ulaw_decode(codes).astype(np.int32)
    through = g711.alaw_decode(codes.translate(g711.ULAW_TO_ALAW)).astype(np.int32)
    assert (np.abs(through - pcm) <= np.maximum(16, np.abs(pcm) // 16)).all()
    assert len(g711.ALAW_TO_ULAW) == 256
