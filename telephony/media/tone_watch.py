"""Asks the sound of all legs for keys at once, in each tick."""

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from telephony.media.dtmf_tones import NO_KEY, spot
from telephony.media.inband_digits import InbandDigits


class TonedLeg(Protocol):
    """A leg whose keys may be tones. tone_frame: what it said in this tick, None when it need not be looked at."""

    tone_frame: bytes | None
    inband: InbandDigits

    def hear_tones(self, found: tuple[int, ...]) -> None:
        """What `dtmf_tones.spot` found in `tone_frame`."""


def watch(legs: Iterable[TonedLeg]) -> None:
    """Tells each leg its tones; a leg without any, and without a key under way, is told nothing."""
    watched = [leg for leg in legs if leg.tone_frame is not None]
    if not watched:
        return
    found = spot([leg.tone_frame for leg in watched if leg.tone_frame is not None])
    toned = np.flatnonzero((found != NO_KEY).any(axis=1)).tolist()
    under_way = [place for place, leg in enumerate(watched) if leg.inband.key != NO_KEY]
    for place in {*toned, *under_way}:
        watched[place].hear_tones(tuple(found[place].tolist()))
