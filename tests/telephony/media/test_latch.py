"""Whose RTP a leg takes."""

from telephony.media.latch import RELEASE_AFTER_MS, SourceLatch

PHONE = ("192.0.2.1", 4000)
BEHIND_NAT = ("192.0.2.1", 61000)
STRANGER = ("198.51.100.9", 5000)


def latch() -> SourceLatch:
    opened = SourceLatch()
    opened.expect(PHONE)
    return opened


def test_nobody_is_heard_before_connect() -> None:
    assert not SourceLatch().admits(PHONE, 0)


def test_the_first_source_is_kept_and_answered() -> None:
    leg = latch()
    assert leg.destination == PHONE
    assert leg.admits(STRANGER, 0)
    assert leg.destination == STRANGER
    assert not leg.admits(("203.0.113.5", 1), 10)


def test_a_better_fit_replaces_a_stranger_but_not_the_other_way() -> None:
    leg = latch()
    assert leg.admits(STRANGER, 0)
    assert leg.admits(BEHIND_NAT, 20)
    assert not leg.admits(STRANGER, 40)
    assert leg.admits(PHONE, 60)
    assert not leg.admits(BEHIND_NAT, 80)
    assert leg.destination == PHONE


def test_a_source_that_fell_silent_makes_room() -> None:
    leg = latch()
    assert leg.admits(PHONE, 0)
    assert not leg.admits(STRANGER, RELEASE_AFTER_MS - 1)
    assert leg.admits(STRANGER, RELEASE_AFTER_MS)


def test_a_re_invite_to_another_place_opens_it() -> None:
    leg = latch()
    assert leg.admits(PHONE, 0)
    leg.expect(PHONE)
    assert leg.source == PHONE
    leg.expect(STRANGER)
    assert leg.destination == STRANGER
    assert leg.admits(STRANGER, 10)


def test_a_re_invite_that_names_the_source_closes_it_to_others_of_that_host() -> None:
    leg = latch()
    assert leg.admits(STRANGER, 0)
    leg.expect(STRANGER)
    assert leg.source == STRANGER
    assert not leg.admits((STRANGER[0], STRANGER[1] + 2), 20)
