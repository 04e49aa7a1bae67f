"""While a call is up: hold, UPDATE, glare, session timers, transfers, message by message."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator

import pytest
from sippy.SipRequest import SipRequest

from telephony.ports import Codec, SipLeg
from telephony.settings import TelephonySettings
from tests.telephony.switchboard import OUR_SOUND, PASSWORD, Arrival, Heard, Switchboard
from tests.telephony.wire_phone import Message, WireCall, WirePhone, proof, sdp_of

TIMER = "Supported: timer\r\n"


@pytest.mark.parametrize(
    ("extra", "address", "answered", "sends", "receives"),
    [
        ("a=sendonly\r\n", "127.0.0.1", "recvonly", True, False),
        ("a=recvonly\r\n", "127.0.0.1", "sendonly", False, True),
        ("a=inactive\r\n", "127.0.0.1", "inactive", False, False),
        ("", "0.0.0.0", "recvonly", True, False),
        ("a=inactive\r\n", "0.0.0.0", "inactive", False, False),
    ],
)
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
async def test_hold_and_resume_in_all_directions(
    board: Switchboard,
    call: WireCall,
    method: str,
    extra: str,
    address: str,
    answered: str,
    sends: bool,
    receives: bool,
) -> None:
    await call.establish()
    heard = (await board.arrival()).heard
    held = await call.ask(method, body=sdp_of(extra=extra, address=address))
    assert f"a={answered}\r\n" in held.body
    changed = await heard.next("changed")
    assert (changed.sends, changed.receives) == (sends, receives)
    resumed = await call.ask(method, body=sdp_of())
    assert "a=sendrecv\r\n" in resumed.body
    changed = await heard.next("changed")
    assert (changed.sends, changed.receives) == (True, True)


async def test_update_without_a_description_moves_nothing_but_the_contact(board: Switchboard, call: WireCall) -> None:
    await call.establish()
    arrival = await board.arrival()
    other = await WirePhone.open(board.endpoint.port)
    text = call.request("UPDATE").replace(f"127.0.0.1:{call.phone.port}>\r\nC", f"127.0.0.1:{other.port}>\r\nC")
    call.phone.send(text)
    assert (await call.phone.take(method="UPDATE", status=200)).body == ""
    arrival.leg.hang_up()
    other.answer(await other.take(method="BYE"), 200, "OK")
    assert await arrival.heard.next("ended") == (False, 0)
    other.close()


async def test_an_update_without_common_codec_leaves_the_call_as_it_is(board: Switchboard, call: WireCall) -> None:
    await call.establish()
    assert (await call.ask("UPDATE", body=sdp_of(payloads="18"))).status == 488
    assert (await call.ask("UPDATE", body=sdp_of())).status == 200


async def test_an_offer_is_refused_while_our_own_waits_for_its_answer(board: Switchboard, call: WireCall) -> None:
    await call.establish()
    heard = (await board.arrival()).heard
    offer = await call.ask("INVITE")
    number = call.cseq
    assert (await call.ask("UPDATE", body=sdp_of(41000))).status == 491
    assert "m=audio 20000" in offer.body
    call.phone.send(call.request("ACK", body=sdp_of(42000)).replace(f"CSeq: {call.cseq} ", f"CSeq: {number} "))
    assert (await heard.next("changed")).port == 42000
    assert (await call.ask("UPDATE", body=sdp_of(41000))).status == 200


async def test_an_unknown_extension_is_refused_in_the_dialog_too(call: WireCall) -> None:
    await call.establish()
    for method in ("INVITE", "UPDATE", "INFO", "OPTIONS"):
        refused = await call.ask(method, headers="Require: x-none\r\n")
        assert (refused.status, refused.header("unsupported")) == (420, "x-none")
        call.phone.send(call.request("ACK"))
    assert (await call.ask("BYE")).status == 200


async def test_what_we_can_is_told(call: WireCall) -> None:
    ok = await call.establish()
    assert {"UPDATE", "PRACK", "REFER"} <= set(ok.header("allow").split(", "))
    assert {"100rel", "timer", "replaces"} <= set(ok.header("supported").split(", "))


async def test_a_request_that_cannot_be_read_is_answered(call: WireCall) -> None:
    await call.establish()
    for method in ("UPDATE", "INVITE"):
        text = call.request(method, body=sdp_of())
        call.phone.send(text.replace("Contact: <sip:", "Contact: <<:"))
        assert (await call.phone.take(method=method, status=0)).status == 400
        call.phone.send(call.request("ACK"))
    assert (await call.ask("BYE")).status == 200


async def test_a_200_that_cannot_be_read_ends_the_call_that_we_place(board: Switchboard, phone: WirePhone) -> None:
    heard = Heard()
    place(board, phone, heard)
    asked = await phone.take(method="INVITE")
    phone.answer(asked, 200, "OK", body=sdp_of(), contact="<<sip:[::")
    assert await heard.next("ended") == (True, 502)


# Session timers


@pytest.fixture
async def brief_board() -> AsyncIterator[Switchboard]:
    """Its calls live for 4 s without a refresh."""
    board = Switchboard(settings=TelephonySettings(sip_port=0, sip_session_s=4, sip_session_min_s=1))
    await board.endpoint.start()
    yield board
    await board.endpoint.stop()


@pytest.fixture
async def brief(brief_board: Switchboard) -> AsyncIterator[WireCall]:
    phone = await WirePhone.open(brief_board.endpoint.port)
    yield WireCall(phone)
    phone.close()


async def test_too_brief_a_session_is_refused_with_the_least(call: WireCall) -> None:
    refused = await call.ask("INVITE", body=sdp_of(), headers=f"{TIMER}Session-Expires: 30\r\n")
    assert (refused.status, refused.header("min-se")) == (422, "90")
    call.phone.send(call.request("ACK"))
    ok = await call.establish(headers=f"{TIMER}Session-Expires: 120;refresher=uac\r\n")
    assert ok.header("session-expires") == "120;refresher=uac"
    assert ok.header("require") == "timer"
    refused = await call.ask("UPDATE", headers=f"{TIMER}Session-Expires: 30\r\n")
    assert (refused.status, refused.header("min-se")) == (422, "90")


async def test_who_does_not_know_the_timer_gets_none(call: WireCall) -> None:
    assert "session-expires" not in (await call.establish()).headers


@pytest.mark.slow
async def test_a_call_that_its_caller_does_not_refresh_is_ended(brief_board: Switchboard, brief: WireCall) -> None:
    await brief.establish(headers=f"{TIMER}Session-Expires: 4;refresher=uac\r\n")
    arrival = await brief_board.arrival()
    assert (await brief.ask("UPDATE", headers=f"{TIMER}Session-Expires: 4;refresher=uac\r\n")).status == 200
    brief.phone.answer(await brief.phone.take(method="BYE"), 200, "OK")
    assert await arrival.heard.next("ended") == (False, 408)


@pytest.mark.slow
async def test_we_refresh_by_update_where_the_far_end_allows_it(brief: WireCall) -> None:
    ok = await brief.establish(headers=f"{TIMER}Allow: INVITE, UPDATE\r\n")
    assert ok.header("session-expires") == "4;refresher=uas"
    for _ in range(2):
        refresh = await brief.phone.take(method="UPDATE")
        assert (refresh.header("session-expires"), refresh.body) == ("4;refresher=uac", "")
        brief.phone.answer(refresh, 200, "OK", headers="Session-Expires: 4;refresher=uac\r\n")
    assert (await brief.ask("BYE")).status == 200


@pytest.mark.slow
async def test_we_refresh_by_reinvite_where_it_does_not(brief: WireCall) -> None:
    ok = await brief.establish(headers=TIMER)
    refresh = await brief.phone.take(method="INVITE")
    assert refresh.body == ok.body
    # Glare: ours waits, and is made again a little later.
    assert (await brief.ask("INVITE", body=sdp_of())).status == 491
    brief.phone.send(brief.request("ACK"))
    brief.phone.answer(refresh, 491, "Request Pending")
    await brief.phone.take(method="ACK")
    again = await brief.phone.take(method="INVITE")
    assert again.header("cseq") != refresh.header("cseq")
    brief.phone.answer(again, 200, "OK", body=sdp_of(), headers="Session-Expires: 4;refresher=uac\r\n")
    await brief.phone.take(method="ACK")
    assert (await brief.ask("BYE")).status == 200


@pytest.mark.slow
async def test_a_far_end_that_has_forgotten_the_call_is_left(brief_board: Switchboard, brief: WireCall) -> None:
    await brief.establish(headers=f"{TIMER}Allow: UPDATE\r\n")
    arrival = await brief_board.arrival()
    brief.phone.answer(await brief.phone.take(method="UPDATE"), 481, "No Such Call")
    brief.phone.answer(await brief.phone.take(method="BYE"), 481, "No Such Call")
    assert await arrival.heard.next("ended") == (False, 481)


@pytest.mark.slow
async def test_a_call_that_we_place_is_refreshed_and_asked_longer_where_wanted(brief_board: Switchboard) -> None:
    phone = await WirePhone.open(brief_board.endpoint.port)
    heard = Heard()
    leg = place(brief_board, phone, heard)
    asked = await phone.take(method="INVITE")
    assert (asked.header("session-expires"), asked.header("min-se")) == ("4", "1")
    phone.answer(asked, 422, "Session Interval Too Small", headers="Min-SE: 5\r\n")
    await phone.take(method="ACK")
    again = await phone.take(method="INVITE")
    assert (again.header("session-expires"), again.header("min-se")) == ("5", "5")
    assert again.header("call-id") == asked.header("call-id") == leg.sip_call_id
    phone.answer(again, 200, "OK", body=sdp_of(), headers="Session-Expires: 5;refresher=uac\r\nAllow: UPDATE\r\n")
    await heard.next("answered")
    refresh = await phone.take(method="UPDATE")
    phone.answer(refresh, 501, "Not Implemented")
    by_invite = await phone.take(method="INVITE")
    phone.answer(by_invite, 200, "OK", body=sdp_of(41000))
    assert (await heard.next("changed")).port == 41000
    leg.hang_up()
    phone.answer(await phone.take(method="BYE"), 200, "OK")
    phone.close()


def place(board: Switchboard, phone: WirePhone, heard: Heard, target: str = "") -> SipLeg:
    return board.endpoint.place_call(
        target or f"sip:8001@127.0.0.1:{phone.port}",
        caller_number="13812345678",
        media=OUR_SOUND,
        events=heard,
        timeout_s=5.0,
    )


# Transfers


async def call_as_extension(board: Switchboard, phone: WirePhone, extension: str = "8001") -> tuple[WireCall, Arrival]:
    """A call that the phone of this extension places, with its password."""
    call = WireCall(phone, caller=extension)
    challenged = await call.ask("INVITE", body=sdp_of())
    phone.send(call.request("ACK"))
    answer = proof(challenged.header("proxy-authenticate"), extension, f"secret-{extension}", "INVITE")
    await call.establish(headers=f"Proxy-Authorization: {answer}\r\n")
    return call, await board.arrival()


async def notified(phone: WirePhone) -> tuple[str, str]:
    """(status line, state of the subscription) of the next NOTIFY."""
    notify = await phone.take(method="NOTIFY")
    phone.answer(notify, 200, "OK")
    assert notify.header("content-type").startswith("message/sipfrag")
    assert notify.header("event").startswith("refer")
    return notify.body.strip(), notify.header("subscription-state").partition(";")[0]


async def test_a_phone_asks_for_a_transfer_and_is_told_how_it_goes(board: Switchboard, phone: WirePhone) -> None:
    call, arrival = await call_as_extension(board, phone)
    accepted = await call.ask("REFER", headers="Refer-To: <sip:8002@127.0.0.1>\r\n")
    assert accepted.status == 202
    assert await notified(phone) == ("SIP/2.0 100 Trying", "active")
    assert await arrival.heard.next("transfer") == ("8002", "")
    assert (await call.ask("REFER", headers="Refer-To: <sip:8002@127.0.0.1>\r\n")).status == 491
    arrival.leg.tell_transfer(180, "Ringing")
    assert await notified(phone) == ("SIP/2.0 180 Ringing", "active")
    arrival.leg.tell_transfer(200, "OK")
    assert await notified(phone) == ("SIP/2.0 200 OK", "terminated")
    arrival.leg.tell_transfer(200, "OK")
    assert (await call.ask("REFER", headers="Refer-To: <sip:8003@127.0.0.1>\r\n")).status == 202
    assert (await call.ask("BYE")).status == 200


def refer_to(named: WireCall, *, ours: str = "", theirs: str = "", more: str = "") -> str:
    """The header of an attended transfer that names this call; ours, theirs: other tags than its own."""
    tags = f"to-tag%3D{ours or named.to_tag[5:]}%3Bfrom-tag%3D{theirs or named.from_tag}{more}"
    return f"Refer-To: <sip:12345@127.0.0.1?Replaces={named.call_id}%3B{tags}>\r\n"


async def test_an_attended_transfer_names_the_other_call(board: Switchboard, phone: WirePhone) -> None:
    first, arrival = await call_as_extension(board, phone)
    second, other = await call_as_extension(board, phone)
    assert (await first.ask("REFER", headers=refer_to(second))).status == 202
    assert await arrival.heard.next("transfer") == ("12345", other.leg.sip_call_id)


@pytest.mark.parametrize(
    ("ours", "theirs", "more", "told"),
    [
        ("wrong", "", "", "SIP/2.0 481 Call/Transaction Does Not Exist"),
        ("", "wrong", "", "SIP/2.0 481 Call/Transaction Does Not Exist"),
        ("", "", "%3Bearly-only", "SIP/2.0 486 Busy Here"),
    ],
)
async def test_an_attended_transfer_that_names_no_call_is_refused(
    board: Switchboard, phone: WirePhone, ours: str, theirs: str, more: str, told: str
) -> None:
    first, arrival = await call_as_extension(board, phone)
    second, _ = await call_as_extension(board, phone)
    asked = refer_to(second, ours=ours, theirs=theirs, more=more)
    assert (await first.ask("REFER", headers=asked)).status == 202
    assert await notified(phone) == ("SIP/2.0 100 Trying", "active")
    assert await notified(phone) == (told, "terminated")
    assert arrival.heard.events.empty()
    assert (await first.ask("UPDATE")).status == 200  # both calls are as they were
    assert (await second.ask("UPDATE")).status == 200


async def test_a_telephone_may_not_join_the_call_of_another(
    board: Switchboard, phone: WirePhone, other: WirePhone
) -> None:
    """Not even with all that names it; and a trunk's call is not a telephone's."""
    own, arrival = await call_as_extension(board, phone)
    foreign, _ = await call_as_extension(board, other, "8002")
    guest = WireCall(other)
    await guest.establish()
    for named in (foreign, guest):
        assert (await own.ask("REFER", headers=refer_to(named))).status == 202
        assert await notified(phone) == ("SIP/2.0 100 Trying", "active")
        assert await notified(phone) == ("SIP/2.0 403 Forbidden", "terminated")
    assert arrival.heard.events.empty()


async def test_a_transfer_that_nobody_wants_to_hear_of(board: Switchboard, phone: WirePhone) -> None:
    call, arrival = await call_as_extension(board, phone)
    accepted = await call.ask("REFER", headers="Refer-To: <sip:8002@127.0.0.1>\r\nRefer-Sub: false\r\n")
    assert (accepted.status, accepted.header("refer-sub")) == (202, "false")
    assert await arrival.heard.next("transfer") == ("8002", "")
    arrival.leg.tell_transfer(200, "OK")
    assert (await call.ask("BYE")).status == 200
    assert not [message for message in phone.inbox if message.method == "NOTIFY"]


async def test_a_phone_that_we_called_may_transfer(board: Switchboard, phone: WirePhone) -> None:
    heard = Heard()
    await register(phone)
    await board.phone_change()
    leg = place(board, phone, heard, "8001")
    asked = await phone.take(method="INVITE")
    phone.answer(asked, 200, "OK", body=sdp_of())
    await heard.next("answered")
    await phone.take(method="ACK")
    side = WireCall.of(phone, asked)
    assert (await side.ask("REFER", headers="Refer-To: <sip:110@127.0.0.1>\r\n")).status == 202
    assert await heard.next("transfer") == ("110", "")
    leg.tell_transfer(603, "Decline")
    assert await notified(phone) == ("SIP/2.0 100 Trying", "active")
    assert await notified(phone) == ("SIP/2.0 603 Decline", "terminated")
    leg.hang_up()
    phone.answer(await phone.take(method="BYE"), 200, "OK")


async def register(phone: WirePhone) -> Message:
    dialog = WireCall(phone, caller="8001", called="8001")
    challenged = await dialog.ask("REGISTER")
    answer = proof(challenged.header("www-authenticate"), "8001", PASSWORD, "REGISTER")
    return await dialog.ask("REGISTER", headers=f"Authorization: {answer}\r\n")


async def test_a_trunk_or_guest_may_not_move_calls_about(board: Switchboard, call: WireCall) -> None:
    await call.establish()
    arrival = await board.arrival()
    assert (await call.ask("REFER", headers="Refer-To: <sip:8002@127.0.0.1>\r\n")).status == 403
    await asyncio.sleep(0)
    assert arrival.heard.events.empty()


async def test_a_transfer_to_nowhere_is_a_bad_request(board: Switchboard, phone: WirePhone) -> None:
    call, _ = await call_as_extension(board, phone)
    for headers in ("", "Refer-To: <mailto:x@y>\r\n", "Refer-To: <sip:1@a>\r\nRefer-To: <sip:2@a>\r\n"):
        assert (await call.ask("REFER", headers=headers)).status == 400
    unreadable = "Refer-To: <sip:12345@127.0.0.1?Replaces=x%3Bto-tag%3D1>\r\n"
    assert (await call.ask("REFER", headers=unreadable)).status == 400


# Taking another phone's place


async def take_place(
    phone: WirePhone, old: WireCall, *, caller: str = "8002", more: str = "", body: str = ""
) -> Message:
    """The answer to an INVITE of another phone, with its password, that replaces the call `old`."""
    call = WireCall(phone, caller=caller)
    ours, theirs = old.to_tag.removeprefix(";tag="), old.from_tag
    headers = f"Replaces: {old.call_id};to-tag={ours};from-tag={theirs}{more}\r\n"
    asked = await call.ask("INVITE", body=body, headers=headers)
    phone.send(call.request("ACK"))
    if asked.status != 407:
        return asked
    answer = proof(asked.header("proxy-authenticate"), caller, f"secret-{caller}", "INVITE")
    answered = await call.ask("INVITE", body=body, headers=f"{headers}Proxy-Authorization: {answer}\r\n")
    call.join(answered)
    phone.send(call.request("ACK"))
    phone.calls.append(call)
    return answered


@pytest.fixture
async def other(board: Switchboard) -> AsyncIterator[WirePhone]:
    phone = await WirePhone.open(board.endpoint.port)
    yield phone
    phone.close()


async def test_another_phone_takes_the_place_of_one(board: Switchboard, phone: WirePhone, other: WirePhone) -> None:
    old, arrival = await call_as_extension(board, phone)
    assert "m=audio 20000" in (await take_place(other, old, body=sdp_of(41000, "0 101"))).body
    changed = await arrival.heard.next("changed")
    assert (changed.port, changed.codec) == (41000, Codec.PCMU)
    phone.answer(await phone.take(method="BYE"), 200, "OK")
    assert arrival.heard.events.empty()
    assert arrival.leg.sip_call_id == other.calls[0].call_id
    arrival.leg.hang_up()
    other.answer(await other.take(method="BYE"), 200, "OK")
    assert await arrival.heard.next("ended") == (False, 0)
    assert board.arrivals.empty()


async def test_another_phone_picks_up_what_rings(board: Switchboard, phone: WirePhone, other: WirePhone) -> None:
    await register(phone)
    await board.phone_change()
    heard = Heard()
    leg = place(board, phone, heard, "8001")
    asked = await phone.take(method="INVITE")
    phone.answer(asked, 180, "Ringing")
    assert await heard.next("progress") == 180
    assert (await take_place(other, WireCall.of(phone, asked), more=";early-only", body=sdp_of(41000))).status == 200
    assert (await heard.next("answered")).port == 41000
    phone.answer(await phone.take(method="CANCEL"), 200, "OK")
    phone.answer(asked, 487, "Request Terminated")
    leg.hang_up()
    assert await heard.next("ended") == (False, 0)
    other.answer(await other.take(method="BYE"), 200, "OK")


async def test_who_may_not_take_a_place(board: Switchboard, phone: WirePhone, other: WirePhone) -> None:
    old, arrival = await call_as_extension(board, phone)
    offer = sdp_of(41000)
    assert (await take_place(other, old, caller="13900000000", body=offer)).status == 403
    assert (await take_place(other, old, more=";early-only", body=offer)).status == 486
    assert (await take_place(other, old)).status == 488
    assert (await take_place(other, WireCall(phone, to_tag=";tag=x"), body=offer)).status == 481
    assert (await take_place(other, old, more=";to-tag=again", body=offer)).status == 400
    assert (await old.ask("BYE")).status == 200
    assert await arrival.heard.next("ended") == (True, 200)
    assert (await take_place(other, old, body=offer)).status == 481


async def test_what_sip_remembers_of_a_call_that_is_over_is_neither_its_owner_nor_a_circle(
    board: Switchboard, call: WireCall
) -> None:
    """Its transactions live on for 32 s; a circle waits for the collection of all garbage, which stops the sound."""
    await call.establish()
    arrival = await board.arrival()
    call.phone.send(call.request("BYE"))
    await call.phone.take(method="BYE", status=200)
    await arrival.heard.next("ended")
    owner = weakref.ref(arrival.heard)
    del arrival
    async with asyncio.timeout(10):
        while owner() is not None:  # noqa: ASYNC110  # nothing tells that an object is freed
            await asyncio.sleep(0.01)
    everything = [each for each in gc.get_objects() if isinstance(each, SipRequest)]
    circles = [each for each in everything if getattr(each, "sendResponse", None) is not None]
    assert call.call_id not in [str(each.getHFBody("call-id")) for each in circles]
