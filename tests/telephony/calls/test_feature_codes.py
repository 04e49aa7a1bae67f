"""Feature codes by an agent's keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.calls.feature_codes import FORGET_AFTER_MS, Feature, FeatureKeyed, FeatureKeys, Keyed, KeyForOther
from telephony.settings import TelephonySettings


def keys() -> FeatureKeys:
    return FeatureKeys(TelephonySettings().feature_codes())


def pressed(text: str, keys: FeatureKeys | None = None) -> list[Keyed]:
    reader = keys or FeatureKeys(TelephonySettings().feature_codes())
    return [keyed for at_ms, digit in enumerate(text) if (keyed := reader.press(digit, at_ms)) is not None]


@pytest.mark.parametrize(
    ("text", "feature", "target"),
    [
        ("*1", Feature.HOLD, ""),
        ("*28002#", Feature.TRANSFER, "8002"),
        ("*302388880101#", Feature.CONSULT, "02388880101"),
        ("*4", Feature.SWAP, ""),
        ("*5", Feature.CONFERENCE, ""),
        ("*6", Feature.COMPLETE, ""),
        ("*7", Feature.CANCEL, ""),
        ("*8", Feature.MUTE, ""),
        ("*0110", Feature.HAND_OVER, "110"),
        ("*0119", Feature.HAND_OVER, "119"),
        ("*0120", Feature.HAND_OVER, "120"),
    ],
)
def test_each_code(text: str, feature: Feature, target: str) -> None:
    assert pressed(text) == [FeatureKeyed(feature, target)]


def test_other_keys_are_for_the_other_end() -> None:
    assert pressed("12#") == [KeyForOther("1"), KeyForOther("2"), KeyForOther("#")]


def test_a_wrong_code_means_nothing_and_a_second_star_begins_anew() -> None:
    assert pressed("*9*1") == [FeatureKeyed(Feature.HOLD)]
    assert pressed("*2*1") == [FeatureKeyed(Feature.HOLD)]
    assert pressed("*2#*28001#") == [FeatureKeyed(Feature.TRANSFER, "8001")]
    assert pressed("*0111") == []


def test_a_code_that_stops_halfway_is_forgotten() -> None:
    reader = keys()
    assert reader.press("*", 0) is None
    assert reader.press("1", FORGET_AFTER_MS + 1) == KeyForOther("1")


@given(st.text("0123456789*#", max_size=60))
def test_whatever_is_pressed_a_code_works_afterwards(text: str) -> None:
    reader = keys()
    pressed(text, reader)
    assert pressed("*1", reader) == [FeatureKeyed(Feature.HOLD)]
