"""Keys by RFC 4733, over a line that loses packets."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.media.dtmf import DIGITS, DigitReceiver, DigitSender


def send_keys(keys: str, *, first_timestamp: int = 0) -> list[tuple[int, bytes]]:
    """All packets of `keys`, each with its timestamp."""
    sender = DigitSender()
    packets = []
    for tick in range(len(keys) * 20):
        if tick % 20 == 0:
            assert sender.add(keys[tick // 20])
        packet = sender.next_packet()
        if packet is not None:
            packets.append(((first_timestamp + tick * 160 - packet.offset) % 2**32, packet.payload))
    return packets


@given(st.text(DIGITS, max_size=20), st.integers(0, 2**32 - 1))
def test_what_is_sent_is_heard_once(keys: str, first_timestamp: int) -> None:
    receiver = DigitReceiver()
    packets = send_keys(keys, first_timestamp=first_timestamp)
    assert "".join(receiver.receive(*packet) or "" for packet in packets) == keys


def test_a_key_is_160_ms_with_three_end_packets() -> None:
    packets = send_keys("5")
    durations = [int.from_bytes(payload[2:], "big") for _, payload in packets]
    assert durations == [160, 320, 480, 640, 800, 960, 1120, 1280, 1280, 1280]
    assert [payload[1] >> 7 for _, payload in packets] == [0] * 7 + [1] * 3
    assert {timestamp for timestamp, _ in packets} == {0}


@pytest.mark.parametrize("loss", [0.05, 0.3])
def test_loss_neither_doubles_nor_drops_a_key(loss: float) -> None:
    rng = random.Random(4733)
    keys = "".join(rng.choice("0123456789*#") for _ in range(2000))
    receiver = DigitReceiver()
    heard = "".join(receiver.receive(*packet) or "" for packet in send_keys(keys) if rng.random() >= loss)
    assert heard == keys


def test_the_same_key_twice_is_two_keys_even_when_the_ends_are_lost() -> None:
    packets = [packet for packet in send_keys("77") if not packet[1][1] & 0x80]
    receiver = DigitReceiver()
    assert [receiver.receive(*packet) for packet in packets].count("7") == 2


def test_reordered_packets_of_an_older_key_are_ignored() -> None:
    receiver = DigitReceiver()
    packets = send_keys("12")
    assert receiver.receive(*packets[0]) == "1"
    assert receiver.receive(*packets[12]) == "2"
    assert [receiver.receive(*packet) for packet in packets[1:10]] == [None] * 9


def test_a_key_held_for_very_long_is_one_key() -> None:
    receiver = DigitReceiver()
    assert receiver.receive(0, bytes([5, 10, 0xFF, 0xFF])) == "5"
    assert receiver.receive(0xFFFF, bytes([5, 10, 0x00, 0xA0])) is None


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.binary(max_size=8))))
def test_no_payload_raises(packets: list[tuple[int, bytes]]) -> None:
    receiver = DigitReceiver()
    for packet in packets:
        digit = receiver.receive(*packet)
        assert digit is None or digit in DIGITS


def test_what_is_no_key_is_not_sent() -> None:
    sender = DigitSender()
    assert not sender.add("x")
    assert not sender.add("12")
    assert sender.next_packet() is None


def test_keys_wait_for_each_other_and_too_many_are_refused() -> None:
    sender = DigitSender()
    assert [sender.add("1") for _ in range(70)].count(False) == 6
    starts = [tick for tick in range(40) if (packet := sender.next_packet()) is not None and packet.marker]
    assert starts == [0, 13, 26, 39]


def test_keys_are_heard_after_the_sender_began_its_timestamps_anew() -> None:
    receiver = DigitReceiver()
    packets = [*send_keys("12", first_timestamp=3_000_000_000), *send_keys("34", first_timestamp=2_900_000_000)]
    assert "".join(receiver.receive(*packet) or "" for packet in packets) == "1234"
