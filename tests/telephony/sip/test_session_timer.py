"""Session timers (RFC 4028) on virtual time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.session_timer import (
    Grant,
    Refresher,
    SessionLimits,
    SessionTimer,
    SessionWords,
    TooBrief,
    agreed,
    grant,
    granted,
    read_words,
)

LIMITS = SessionLimits(wished_s=1800, min_s=90)


@pytest.mark.parametrize(
    ("expires", "words"),
    [
        ("1800", (1800, None)),
        ("1800;refresher=uac", (1800, Refresher.UAC)),
        (" 90 ; refresher = UAS ; x=y", (90, Refresher.UAS)),
        ("1800;refresher=nobody", (1800, None)),
        ("soon", (None, None)),
        ("-5", (None, None)),
        (None, (None, None)),
    ],
)
def test_words_are_read(expires: str | None, words: tuple[int | None, Refresher | None]) -> None:
    read = read_words(expires, "120", supported=True)
    assert (read.expires_s, read.refresher, read.min_s) == (*words, 120)


def words(expires_s: int | None, refresher: Refresher | None = None, *, supported: bool = True) -> SessionWords:
    return SessionWords(expires_s=expires_s, refresher=refresher, supported=supported)


def test_the_interval_asked_for_is_granted_and_a_longer_one_is_cut() -> None:
    assert grant(words(600, Refresher.UAC), LIMITS) == Grant(expires_s=600, refresher=Refresher.UAC, required=True)
    assert grant(words(7200), LIMITS) == Grant(expires_s=1800, refresher=Refresher.UAS, required=False)


def test_too_brief_an_interval_is_refused_with_the_least() -> None:
    assert grant(words(60), LIMITS) == TooBrief(min_s=90)


def test_a_far_end_that_does_not_know_the_timer_is_never_refused_for_it() -> None:
    assert grant(words(60, supported=False), LIMITS) is None
    assert grant(words(None, supported=False), LIMITS) is None
    served = grant(words(600, Refresher.UAC, supported=False), LIMITS)
    assert served == Grant(expires_s=600, refresher=Refresher.UAS, required=False)


def test_who_knows_the_timer_and_asks_for_nothing_gets_ours() -> None:
    assert grant(words(None), LIMITS) == Grant(expires_s=1800, refresher=Refresher.UAS, required=False)


@pytest.mark.parametrize(("ours", "refresher"), [(True, Refresher.UAS), (False, Refresher.UAC)])
def test_who_refreshed_before_goes_on_unless_it_is_said_otherwise(ours: bool, refresher: Refresher) -> None:
    kept = grant(words(600), LIMITS, present_ours=ours)
    assert isinstance(kept, Grant)
    assert kept.refresher is refresher
    changed = grant(words(600, Refresher.UAC), LIMITS, present_ours=ours)
    assert isinstance(changed, Grant)
    assert changed.refresher is Refresher.UAC


def test_our_request_is_answered_with_who_refreshes() -> None:
    assert agreed(words(None), 5.0) is None
    assert agreed(words(600, Refresher.UAC), 5.0) == SessionTimer(expires_s=600, ours=True, from_s=5.0)
    assert agreed(words(600, Refresher.UAS), 5.0) == SessionTimer(expires_s=600, ours=False, from_s=5.0)


def test_a_session_is_refreshed_halfway_and_ends_before_it_expires() -> None:
    long = SessionTimer(expires_s=1800, ours=True, from_s=100.0)
    assert (long.refresh_at_s, long.ends_at_s) == (1000.0, 1868.0)
    short = SessionTimer(expires_s=90, ours=True, from_s=0.0)
    assert (short.refresh_at_s, short.ends_at_s) == (45.0, 60.0)


@given(
    st.one_of(st.none(), st.integers(0, 10_000)),
    st.sampled_from([None, Refresher.UAC, Refresher.UAS]),
    st.booleans(),
    st.integers(0, 5000),
)
def test_whatever_is_asked_both_sides_agree_on_one_refresher_and_a_bearable_interval(
    expires_s: int | None, refresher: Refresher | None, supported: bool, min_s: int
) -> None:
    answer = grant(SessionWords(expires_s=expires_s, refresher=refresher, supported=supported, min_s=min_s), LIMITS)
    if not isinstance(answer, Grant):
        return
    assert LIMITS.min_s <= answer.expires_s <= max(LIMITS.wished_s, min_s)
    theirs = agreed(read_words(answer.value, None, supported=True), 0.0)
    assert theirs is not None
    assert theirs.ours is not granted(answer, 0.0).ours
    assert theirs.refresh_at_s < theirs.ends_at_s
