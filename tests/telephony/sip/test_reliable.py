"""Reliable provisional responses (RFC 3262) on virtual time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.sip import reliable
from telephony.sip.reliable import Provisional, ReliableReceiver, ReliableSender, read_rack

RINGING = Provisional(status=180, reason="Ringing")
EARLY = Provisional(status=183, reason="Session Progress", body="v=0")


def test_a_response_is_repeated_at_doubling_times_until_it_is_acknowledged() -> None:
    state, first = reliable.send(ReliableSender(next_rseq=7), RINGING, 0.0)
    assert first is not None
    assert first.rseq == 7
    repeats = []
    for tick in range(1, 100):
        state, again, gave_up = reliable.repeat(state, tick / 10)
        assert not gave_up
        if again is not None:
            repeats.append(tick / 10)
            assert again.rseq == 7
    assert repeats == [0.5, 1.5, 3.5, 7.5]
    state, acknowledged, following = reliable.acknowledge(state, 7, 10.0)
    assert (acknowledged, following) == (RINGING, None)
    assert reliable.repeat(state, 20.0) == (state, None, False)


def test_the_next_response_waits_for_the_acknowledgement_of_the_one_before() -> None:
    state, _ = reliable.send(ReliableSender(next_rseq=1), RINGING, 0.0)
    state, held_back = reliable.send(state, EARLY, 0.1)
    assert held_back is None
    assert state.owes_description
    state, acknowledged, following = reliable.acknowledge(state, 1, 0.2)
    assert acknowledged == RINGING
    assert following is not None
    assert (following.rseq, following.provisional) == (2, EARLY)
    state, acknowledged, _ = reliable.acknowledge(state, 2, 0.3)
    assert acknowledged == EARLY
    assert not state.owes_description


def test_without_an_acknowledgement_it_is_given_up() -> None:
    state, _ = reliable.send(ReliableSender(), EARLY, 0.0)
    state, again, gave_up = reliable.repeat(state, reliable.GIVE_UP_S)
    assert (again, gave_up) == (None, True)
    assert not state.owes_description


def test_after_a_final_response_nothing_is_repeated_and_a_late_acknowledgement_is_right() -> None:
    state, _ = reliable.send(ReliableSender(next_rseq=5), RINGING, 0.0)
    state, _ = reliable.send(state, EARLY, 0.1)
    state = reliable.conclude(state)
    assert reliable.repeat(state, 1.0) == (state, None, False)
    assert not state.owes_description
    state, acknowledged, following = reliable.acknowledge(state, 5, 1.1)
    assert (acknowledged, following) == (RINGING, None)


def test_an_acknowledgement_of_another_response_changes_nothing() -> None:
    state, _ = reliable.send(ReliableSender(next_rseq=3), EARLY, 0.0)
    for rseq in (0, 2, 4):
        assert reliable.acknowledge(state, rseq, 0.1) == (state, None, None)


@given(st.lists(st.integers(0, 40), max_size=60))
def test_each_reliable_response_counts_once_and_in_order(numbers: list[int]) -> None:
    state, taken = ReliableReceiver(), []
    for rseq in numbers:
        state, is_next = reliable.take(state, "tag", rseq)
        if is_next:
            taken.append(rseq)
    assert taken == list(range(taken[0], taken[0] + len(taken))) if taken else True


def test_another_dialog_counts_for_itself() -> None:
    state, _ = reliable.take(ReliableReceiver(), "a", 10)
    assert reliable.take(state, "b", 500)[1]


@pytest.mark.parametrize(
    ("text", "read"),
    [("12 3 INVITE", (12, 3, "INVITE")), (" 1  2  INVITE ", (1, 2, "INVITE")), ("1 INVITE", None), (None, None)],
)
def test_a_rack_is_read(text: str | None, read: tuple[int, int, str] | None) -> None:
    assert read_rack(text) == read
