"""Which reports of keys are keys of their own."""

from domain.call import DigitSource
from telephony.media.digit_join import DigitJoin

EVENT, TONES, INFO = DigitSource.RFC4733, DigitSource.INBAND, DigitSource.INFO


def count(*reports: tuple[str, DigitSource, int]) -> str:
    join = DigitJoin()
    return "".join(digit for digit, source, now_ms in reports if join.is_new(digit, source, now_ms))


def test_three_ways_are_one_key_in_whatever_order() -> None:
    assert count(("5", EVENT, 0), ("5", TONES, 60), ("5", INFO, 200)) == "5"
    assert count(("5", INFO, 0), ("5", TONES, 60), ("5", EVENT, 65)) == "5"


def test_two_presses_are_two_in_each_way() -> None:
    assert count(("5", EVENT, 0), ("5", TONES, 60), ("5", EVENT, 200), ("5", INFO, 210), ("5", INFO, 400)) == "55"
    assert count(("5", EVENT, 0), ("5", EVENT, 100), ("5", EVENT, 200)) == "555"


def test_other_keys_between_do_not_part_the_ways() -> None:
    assert count(("1", EVENT, 0), ("2", EVENT, 150), ("1", INFO, 300), ("2", INFO, 450)) == "12"


def test_what_comes_much_later_is_another_press() -> None:
    assert count(("1", EVENT, 0), ("1", TONES, 1500)) == "11"
    assert count(("1", EVENT, 0), ("1", INFO, 1500)) == "1"
    assert count(("1", EVENT, 0), ("1", INFO, 2500)) == "11"


def test_a_flood_of_keys_stays_small() -> None:
    join = DigitJoin()
    assert all(join.is_new("1", EVENT, 0) for _ in range(10_000))
    assert len(join._recent) <= 64
