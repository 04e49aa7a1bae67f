from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.registrar import (
    MAX_CONTACTS,
    Bindings,
    Contact,
    RegisterAnswer,
    RegisterLimits,
    RegisterRequest,
    expire,
    register,
)

LIMITS = RegisterLimits(min_s=30, max_s=600, default_s=300)
SOURCE = ("192.0.2.5", 40000)


def request(
    *contacts: Contact, everything: bool = False, expires_s: int | None = None, cseq: int = 1, call_id: str = "a"
) -> RegisterRequest:
    return RegisterRequest(
        extension="8001",
        contacts=contacts,
        everything=everything,
        expires_s=expires_s,
        call_id=call_id,
        cseq=cseq,
        source=SOURCE,
    )


PHONE = Contact(uri="sip:8001@10.0.0.5:5060")


def registered(now_ms: int = 0, expires_s: int | None = None) -> Bindings:
    return register({}, request(PHONE, expires_s=expires_s), now_ms, LIMITS).bindings


def test_a_phone_is_bound_with_the_address_that_it_came_from() -> None:
    (binding,) = registered()["8001"]
    assert (binding.contact, binding.source, binding.expires_at_ms) == (PHONE.uri, SOURCE, 300_000)


def test_the_contacts_own_expiry_wins_over_the_header() -> None:
    answer = register({}, request(Contact(uri="sip:x", expires_s=60), expires_s=500), 0, LIMITS)
    assert answer.bindings["8001"][0].expires_at_ms == 60_000


def test_a_wish_that_is_too_short_is_refused_and_one_too_long_is_cut() -> None:
    brief = register({}, request(PHONE, expires_s=10), 0, LIMITS)
    assert (brief.status, brief.bindings) == (423, {})
    assert registered(expires_s=9999)["8001"][0].expires_at_ms == 600_000


def test_a_refresh_moves_the_expiry() -> None:
    answer = register(registered(), request(PHONE, cseq=2), 100_000, LIMITS)
    (binding,) = answer.bindings["8001"]
    assert binding.expires_at_ms == 400_000


def test_zero_removes_one_phone_and_the_star_all() -> None:
    two = register(registered(), request(Contact(uri="sip:other"), call_id="b"), 0, LIMITS).bindings
    one = register(two, request(PHONE, expires_s=0, cseq=2), 0, LIMITS).bindings
    assert [binding.contact for binding in one["8001"]] == ["sip:other"]
    assert register(two, request(everything=True, expires_s=0, cseq=3), 0, LIMITS).bindings == {}


def test_the_star_needs_expires_0_and_no_other_contact() -> None:
    for wrong in (request(everything=True), request(PHONE, everything=True, expires_s=0)):
        assert register({}, wrong, 0, LIMITS).status == 400


def test_without_contact_it_only_lists() -> None:
    before = registered()
    answer = register(before, request(), 0, LIMITS)
    assert (answer.status, answer.bindings) == (200, before)


def test_an_older_request_does_not_undo_a_newer_one() -> None:
    before = register({}, request(PHONE, cseq=5), 0, LIMITS).bindings
    answer = register(before, request(PHONE, expires_s=0, cseq=4), 0, LIMITS)
    assert (answer.status, answer.bindings) == (500, before)


def test_too_many_contacts_are_refused() -> None:
    many = [Contact(uri=f"sip:{number}") for number in range(MAX_CONTACTS + 1)]
    assert register({}, request(*many), 0, LIMITS).status == 403


def test_bindings_end_with_their_time() -> None:
    before = registered()
    assert expire(before, 299_999) == before
    assert expire(before, 300_000) == {}


wishes = st.builds(
    request,
    st.builds(Contact, uri=st.sampled_from(["sip:a", "sip:b", "sip:c"]), expires_s=st.none() | st.integers(0, 10_000)),
    everything=st.booleans(),
    expires_s=st.none() | st.integers(0, 10_000),
    cseq=st.integers(1, 100),
    call_id=st.sampled_from(["a", "b"]),
)


@given(st.lists(st.tuples(wishes, st.integers(0, 100_000)), max_size=20))
def test_whatever_is_asked_the_bindings_stay_sound(steps: list[tuple[RegisterRequest, int]]) -> None:
    bindings: Bindings = {}
    now_ms = 0
    for wish, pause_ms in steps:
        now_ms += pause_ms
        answer: RegisterAnswer = register(bindings, wish, now_ms, LIMITS)
        assert answer.status == 200 or answer.bindings == bindings
        bindings = answer.bindings
        for present in bindings.values():
            contacts = [binding.contact for binding in present]
            assert 0 < len(contacts) == len(set(contacts)) <= MAX_CONTACTS
            assert all(binding.expires_at_ms <= now_ms + LIMITS.max_s * 1000 for binding in present)
