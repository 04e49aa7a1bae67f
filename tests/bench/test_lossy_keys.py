"""The bench of keys, with fewer of them, and its way to count what differs."""

import pytest

from bench.lossy_keys import Ways, differences, press


@pytest.mark.parametrize("ways", [Ways(events=True), Ways(tones=True), Ways(events=True, tones=True, info=True)])
def test_every_key_counts_once_at_a_loss_of_a_packet_in_twenty(ways: Ways) -> None:
    pressed, counted = press(ways, keys=400, seed=7)
    assert counted == pressed


@pytest.mark.parametrize(
    ("counted", "missed", "doubled"), [("1234", 0, 0), ("134", 1, 0), ("12334", 0, 1), ("", 4, 0), ("0123", 1, 1)]
)
def test_differences_are_counted(counted: str, missed: int, doubled: int) -> None:
    assert differences("1234", counted) == (missed, doubled)
