"""Sums of frames: exact where there is room, saturated where there is none."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.g711 import alaw_decode, alaw_encode
from telephony.media.mixing import mix

FRAMES = st.binary(min_size=160, max_size=160)


@given(st.lists(st.lists(FRAMES, min_size=1, max_size=4), max_size=4))
def test_each_group_is_its_own_saturated_sum(groups: list[list[bytes]]) -> None:
    mixed = mix(groups)
    assert len(mixed) == len(groups)
    for frames, frame in zip(groups, mixed, strict=True):
        exact = np.sum([alaw_decode(part).astype(np.int64) for part in frames], axis=0)
        assert frame == alaw_encode(np.clip(exact, -32768, 32767).astype(np.int16))


def test_two_loud_voices_do_not_wrap_around() -> None:
    loud = alaw_encode(np.full(160, 32000, dtype=np.int16))
    assert (alaw_decode(mix([[loud, loud, loud]])[0]) > 30000).all()
