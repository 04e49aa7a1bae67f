"""Keys as tones: what Q.24 asks to be heard, what must not be, over a line that loses frames, beside other ways."""

import os
import random
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import resample_poly

from domain.call import DigitSource
from domain.g711 import alaw_encode
from telephony.media.digit_join import DigitJoin
from telephony.media.dtmf import DigitReceiver, DigitSender
from telephony.media.dtmf_tones import KEYS, NO_KEY, spot, tone
from telephony.media.inband_digits import InbandDigits, InbandSender

SPEECH = Path(os.environ.get("HOTLINE_TEST_DATA", Path(__file__).parents[4] / "shared" / "data")) / "speech"
ROWS_HZ, COLUMNS_HZ = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
SHORT = {"tone_ms": 40, "pause_ms": 40}


def signal(
    keys: str, *, tone_ms: int, pause_ms: int, twist_db: float = 0, off: float = 1.0, snr_db: float = 60, shift: int = 0
) -> NDArray[np.float64]:
    """Keys as a telephone might send them. twist_db: columns over rows; off: factor of all frequencies."""
    rng = np.random.default_rng(5)
    amplitude, parts = 2000.0, [np.zeros(160 + shift)]
    time_s = np.arange(tone_ms * 8) / 8000
    for key in keys:
        place = KEYS.index(key)
        pair = ((ROWS_HZ[place // 4], -twist_db / 40), (COLUMNS_HZ[place % 4], twist_db / 40))
        tones = [10**power * np.sin(2 * np.pi * hz * off * time_s + rng.uniform(0, 6)) for hz, power in pair]
        parts += [amplitude * sum(tones), np.zeros(pause_ms * 8)]
    sound = np.concatenate(parts)
    return sound + rng.normal(0, amplitude * 10 ** (-snr_db / 20), len(sound))


def heard(sound: NDArray[np.float64], *, loss: float = 0.0) -> str:
    alaw = alaw_encode(np.clip(sound, -32768, 32767).astype(np.int16))
    frames = [alaw[at : at + 160] for at in range(0, len(alaw) - 159, 160)]
    digits, rng = InbandDigits(), random.Random(8)
    told = (digits.lose() if rng.random() < loss else digits.hear(tuple(found)) for found in spot(frames).tolist())
    return "".join(key or "" for key in told)


@pytest.mark.parametrize(
    "line",
    [
        SHORT,
        SHORT | {"shift": 37},
        SHORT | {"shift": 93},
        {"tone_ms": 50, "pause_ms": 50, "off": 1.015, "shift": 20},
        {"tone_ms": 50, "pause_ms": 50, "off": 0.985, "shift": 20},
        {"tone_ms": 50, "pause_ms": 50, "snr_db": 15, "shift": 11},
        {"tone_ms": 50, "pause_ms": 50, "twist_db": 4, "shift": 11},
        {"tone_ms": 50, "pause_ms": 50, "twist_db": -6, "shift": 11},
    ],
)
def test_every_key_that_the_standard_wants_heard(line: dict[str, float]) -> None:
    keys = KEYS * 4 + "".join(a + b for a, b in product(KEYS[:4], repeat=2))
    assert heard(signal(keys, **line)) == keys


@pytest.mark.parametrize(
    "line",
    [
        {"tone_ms": 20, "pause_ms": 60, "shift": 11},
        {"tone_ms": 80, "pause_ms": 60, "off": 1.035},
        {"tone_ms": 80, "pause_ms": 60, "off": 0.965, "shift": 33},
        {"tone_ms": 80, "pause_ms": 60, "twist_db": 20},
        {"tone_ms": 80, "pause_ms": 60, "snr_db": -6},
    ],
)
def test_what_is_too_short_off_or_drowned_is_no_key(line: dict[str, float]) -> None:
    assert heard(signal(KEYS, **line)) == ""


def test_ten_thousand_keys_over_a_line_that_loses_a_frame_in_twenty() -> None:
    keys = "".join(random.Random(3).choices(KEYS, k=10_000))
    assert heard(signal(keys, tone_ms=100, pause_ms=100, shift=13), loss=0.05) == keys


@pytest.mark.skipif(not SPEECH.is_dir(), reason="no recorded speech beside the checkout")
@pytest.mark.slow
def test_nobody_talks_a_key() -> None:
    talked: list[tuple[str, str]] = []
    for file in sorted(SPEECH.rglob("*.flac")):
        sound, rate_hz = soundfile.read(file)
        pcm = resample_poly(sound, 8000, rate_hz)
        pcm *= 20_000 / np.max(np.abs(pcm))
        if keys := heard(pcm):
            talked.append((file.name, keys))
    assert talked == []


@given(st.lists(st.one_of(st.none(), st.tuples(*[st.integers(NO_KEY, 15)] * 2))))
def test_no_sequence_of_frames_tells_a_key_that_was_not_there(frames: list[tuple[int, int] | None]) -> None:
    digits = InbandDigits()
    for found in frames:
        key = digits.lose() if found is None else digits.hear(found)
        assert key is None or any(KEYS.index(key) in there for there in frames if there is not None)


def test_what_we_send_is_what_is_heard() -> None:
    sender = InbandSender()
    assert not sender.add("x")
    assert not sender.add("")
    assert all(sender.add(key) for key in "17#d")
    frames = [frame for _ in range(60) if (frame := sender.next_frame()) is not None]
    assert {len(frame) for frame in frames} == {160}
    digits = InbandDigits()
    told = (digits.hear(tuple(found)) for found in spot(frames).tolist())
    assert "".join(key or "" for key in told) == "17#D"
    assert [sender.add("1") for _ in range(70)].count(False) == 6


def test_a_key_that_comes_in_three_ways_at_a_loss_of_five_percent_counts_once() -> None:
    """Telephone-event, its tones in the sound, and INFO (which SIP sends until it arrives), all for each key."""
    rng = random.Random(12345)
    keys = "".join(rng.choices("0123456789*#", k=10_000))
    join, sender, receiver, tones = DigitJoin(), DigitSender(), DigitReceiver(), InbandDigits()
    pressed = {key: spot([tone(key, 100)[at : at + 160] for at in range(0, 800, 160)]).tolist() for key in KEYS}
    counted: list[str] = []
    infos: list[tuple[int, str]] = []

    def report(key: str | None, source: DigitSource, now_ms: int) -> None:
        if key is not None and join.is_new(key, source, now_ms):
            counted.append(key)

    for tick in range(len(keys) * 13):
        now_ms, place = tick * 20, tick % 13
        key = keys[tick // 13]
        if place == 0:
            sender.add(key)
            infos.append((now_ms + rng.choice((10, 170, 600)), key))
        event = sender.next_packet()
        if event is not None and rng.random() >= 0.05:
            report(receiver.receive(tick * 160 - event.offset, event.payload), DigitSource.RFC4733, now_ms)
        found = pressed[key][place - 1] if 1 <= place <= 5 else [NO_KEY, NO_KEY]
        report(tones.lose() if rng.random() < 0.05 else tones.hear(tuple(found)), DigitSource.INBAND, now_ms + 20)
        for info in [info for info in infos if info[0] <= now_ms]:
            infos.remove(info)
            report(info[1], DigitSource.INFO, now_ms)
    assert "".join(counted) == keys
