"""The pure rules of trunks: health, routing, identities."""

import msgspec
import pytest

from telephony.sip.conf import parse_sip_conf
from telephony.trunks.numbering import read_number
from telephony.trunks.trunk import CallerIdIn, Outward, Trunk
from telephony.trunks.trunk_health import DOWN_AFTER, Health, Standing, heard, is_alive, registration_changed
from telephony.trunks.trunk_identity import Parties, Told, parties_inward, shown_outward, takes
from telephony.trunks.trunk_route import Route, route, tries_next

AREA = "022"
TRUNKS = parse_sip_conf("""
[trunk last]
host = 192.0.2.3
order = 3
[trunk first]
host = 192.0.2.1
order = 1
dial = 0*
max_calls_out = 2
[trunk incoming]
allow = 192.0.2.9
""").trunks
LAST, FIRST, INCOMING = TRUNKS
LANDLINE = read_number("01062345678")


def test_one_lost_answer_is_no_failure_two_are_and_an_answer_mends() -> None:
    health = Health()
    for _ in range(DOWN_AFTER - 1):
        health = heard(health, alive=False)
        assert health.is_usable
    health = heard(health, alive=False)
    assert (health.standing, health.is_usable) == (Standing.DOWN, False)
    health = heard(health, alive=True)
    assert (health.standing, health.is_usable, health.silent) == (Standing.UP, True, 0)


@pytest.mark.parametrize(
    ("status", "alive"), [(200, True), (404, True), (405, True), (500, True), (503, False), (408, False)]
)
def test_an_answer_that_shows_life(status: int, alive: bool) -> None:
    assert is_alive(status) is alive


def test_a_lost_registration_makes_a_trunk_unusable_until_it_is_back() -> None:
    lost = registration_changed(heard(Health(), alive=True), registered=False)
    assert not lost.is_usable
    assert registration_changed(lost, registered=True).is_usable


def test_calls_go_by_the_written_order_and_by_trunks_that_carry_the_number() -> None:
    assert route(TRUNKS, LANDLINE, {}, {}).trunks == (FIRST, LAST)
    assert route(TRUNKS, read_number("12345"), {}, {}).trunks == (LAST,)
    assert route((INCOMING,), LANDLINE, {}, {}) == Route(status=404, reason="no trunk for this number")


def test_trunks_that_are_full_or_down_are_left_out() -> None:
    down = Health(standing=Standing.DOWN)
    assert route(TRUNKS, LANDLINE, {}, {"first": 2}).trunks == (LAST,)
    assert route(TRUNKS, LANDLINE, {"first": down}, {}).trunks == (LAST,)
    assert route((FIRST,), LANDLINE, {}, {"first": 2}).status == 503
    assert route(TRUNKS, LANDLINE, {"first": down, "last": down}, {}).trunks == (FIRST, LAST)


@pytest.mark.parametrize(
    ("status", "silent", "next_one"),
    [(503, False, True), (500, True, True), (408, True, True), (408, False, False), (407, False, True)]
    + [(status, False, False) for status in (486, 404, 603, 480, 403, 487, 488)],
)
def test_after_which_refusals_the_next_trunk_is_tried(status: int, silent: bool, next_one: bool) -> None:
    assert tries_next(status, silent=silent) is next_one


def outward(**more: object) -> Outward:
    trunk = parse_sip_conf("[trunk a]\nhost = 192.0.2.1\nuser = line7\npassword = p\n").trunks[0]
    assert trunk.outward is not None
    return msgspec.structs.replace(trunk.outward, **more)


def test_the_hotlines_number_stands_where_the_trunk_wants_it() -> None:
    asserted = (("P-Asserted-Identity", "<sip:02212345@192.0.2.1>"),)
    shown = {
        place: shown_outward(outward(caller_id="02212345", caller_id_in=place), "13812345678", AREA)
        for place in CallerIdIn
    }
    assert (shown[CallerIdIn.FROM].user, shown[CallerIdIn.FROM].headers) == ("02212345", ())
    assert (shown[CallerIdIn.PAI].user, shown[CallerIdIn.PAI].headers) == ("line7", asserted)
    assert (shown[CallerIdIn.BOTH].user, shown[CallerIdIn.BOTH].headers) == ("02212345", asserted)


def test_without_a_number_of_its_own_a_trunk_shows_the_callers() -> None:
    assert shown_outward(outward(), "+8613812345678", AREA).user == "13812345678"


def trunk(text: str = "") -> Trunk:
    return parse_sip_conf(f"[trunk a]\nallow = 192.0.2.1\nnumbers = 12345\n{text}").trunks[0]


def test_numbers_are_read_and_the_asserted_identity_counts() -> None:
    told = Told(sender="anonymous", called="+862212345", asserted="+8613812345678", diverted="008601062345678")
    parties = parties_inward(told, trunk(), AREA)
    assert parties == Parties(caller="13812345678", called="12345", diverted_from="01062345678")
    assert takes(trunk(), told, parties)
    other = Told(sender="1", called="110")
    assert not takes(trunk(), other, parties_inward(other, trunk(), AREA))


def test_a_withheld_number_stays_withheld_unless_the_file_says_otherwise() -> None:
    told = Told(sender="anonymous", called="12345", asserted="13812345678", privacy=("Id",))
    assert parties_inward(told, trunk(), AREA).caller == "anonymous"
    assert parties_inward(told, trunk("privacy = ignore\n"), AREA).caller == "13812345678"
    open_told = msgspec.structs.replace(told, privacy=("none",))
    assert parties_inward(open_told, trunk(), AREA).caller == "13812345678"


def test_a_call_to_our_account_is_taken_and_its_number_is_in_the_to() -> None:
    line = trunk("host = 192.0.2.1\nregister = yes\nuser = line7\npassword = p\n")
    told = Told(sender="13812345678", called="line7", to="02212345")
    parties = parties_inward(told, line, AREA)
    assert (parties.called, takes(line, told, parties)) == ("12345", True)
