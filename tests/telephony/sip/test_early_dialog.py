"""Before a call is answered: 180, early sound, PRACK, UPDATE, CANCEL, message by message."""

import asyncio

import pytest

from telephony.ports import Codec, InboundCall, SipLeg
from tests.telephony.switchboard import OUR_SOUND, Arrival, Heard, Switchboard
from tests.telephony.wire_phone import Message, WireCall, WirePhone, sdp_of

RELIABLE = "Require: 100rel\r\n"
ABLE = "Supported: 100rel\r\n"


def leave_ringing(_call: InboundCall, _leg: SipLeg) -> None:
    """The test itself says what happens."""


async def invite(board: Switchboard, call: WireCall, *, body: str | None = None, headers: str = "") -> Arrival:
    board.take_call = leave_ringing
    call.phone.send(call.request("INVITE", body=sdp_of() if body is None else body, headers=headers))
    return await board.arrival()


async def prack(call: WireCall, response: Message, *, body: str = "") -> Message:
    call.join(response)
    number = response.header("cseq").split()[0]
    return await call.ask("PRACK", headers=f"RAck: {response.header('rseq')} {number} INVITE\r\n", body=body)


async def test_early_sound_is_told_and_said_again_in_the_answer(board: Switchboard, call: WireCall) -> None:
    leg = (await invite(board, call)).leg
    leg.ring(OUR_SOUND)
    early = await call.phone.take(method="INVITE", status=183)
    assert "m=audio 20000 RTP/AVP 8 101\r\n" in early.body
    assert "rseq" not in early.headers
    leg.answer(OUR_SOUND)
    assert (await call.phone.take(method="INVITE", status=200)).body == early.body


@pytest.mark.parametrize("wish", [RELIABLE, ABLE])
async def test_a_reliable_ringing_is_repeated_until_it_is_acknowledged(
    board: Switchboard, call: WireCall, wish: str
) -> None:
    leg = (await invite(board, call, headers=wish)).leg
    leg.ring()
    first = await call.phone.take(method="INVITE", status=180)
    again = await call.phone.take(method="INVITE", status=180)
    assert first.header("require") == "100rel"
    assert first.header("rseq") == again.header("rseq")
    assert (await prack(call, first)).status == 200
    # A repeated PRACK in a new transaction acknowledges nothing any more.
    assert (await prack(call, first)).status == 481
    leg.answer(OUR_SOUND)
    assert "m=audio 20000" in (await call.phone.take(method="INVITE", status=200)).body


async def test_the_answer_waits_for_the_acknowledgement_of_a_description(board: Switchboard, call: WireCall) -> None:
    arrival = await invite(board, call, headers=RELIABLE)
    arrival.leg.ring(OUR_SOUND)
    early = await call.phone.take(method="INVITE", status=183)
    assert "m=audio 20000" in early.body
    arrival.leg.answer(OUR_SOUND)
    await call.phone.take(method="INVITE", status=183)
    assert not [message for message in call.phone.inbox if message.status == 200]
    assert (await prack(call, early)).status == 200
    ok = await call.phone.take(method="INVITE", status=200)
    assert ok.body == ""
    call.phone.send(call.request("ACK", cseq=1))
    assert (await call.ask("BYE")).status == 200
    assert await arrival.heard.next("ended") == (True, 200)


async def test_an_acknowledgement_that_comes_after_the_answer_is_right(board: Switchboard, call: WireCall) -> None:
    leg = (await invite(board, call, headers=RELIABLE)).leg
    leg.ring()
    leg.answer(OUR_SOUND)
    ringing = await call.phone.take(method="INVITE", status=180)
    await call.phone.take(method="INVITE", status=200)
    assert (await prack(call, ringing)).status == 200
    assert (await prack(call, ringing)).status == 481
    assert (await call.ask("BYE")).status == 200


async def test_an_answer_is_repeated_until_its_acknowledgement_comes(board: Switchboard, call: WireCall) -> None:
    leg = (await invite(board, call)).leg
    leg.answer(OUR_SOUND)
    first = await call.phone.take(method="INVITE", status=200)
    assert (await call.phone.take(method="INVITE", status=200)).body == first.body
    call.join(first)
    call.phone.send(call.request("ACK"))
    assert (await call.ask("BYE")).status == 200


async def test_the_second_ringing_waits_for_the_acknowledgement_of_the_first(
    board: Switchboard, call: WireCall
) -> None:
    leg = (await invite(board, call, headers=ABLE)).leg
    leg.ring()
    leg.ring(OUR_SOUND)
    ringing = await call.phone.take(method="INVITE", status=180)
    assert (await prack(call, ringing)).status == 200
    early = await call.phone.take(method="INVITE", status=183)
    assert int(early.header("rseq")) == int(ringing.header("rseq")) + 1
    assert (await prack(call, early)).status == 200


async def test_a_delayed_offer_is_made_in_the_first_reliable_response(board: Switchboard, call: WireCall) -> None:
    arrival = await invite(board, call, body="", headers=RELIABLE)
    arrival.leg.ring()
    arrival.leg.ring(OUR_SOUND)
    early = await call.phone.take(method="INVITE", status=183)
    assert "m=audio 20000 RTP/AVP 8 0 101\r\n" in early.body
    assert (await prack(call, early, body=sdp_of(43000, "0 101"))).status == 200
    media = await arrival.heard.next("answered")
    assert (media.codec, media.port) == (Codec.PCMU, 43000)
    arrival.leg.answer(OUR_SOUND)
    assert (await call.phone.take(method="INVITE", status=200)).body == ""


async def test_an_offer_in_a_prack_is_answered_in_its_answer(board: Switchboard, call: WireCall) -> None:
    arrival = await invite(board, call, headers=RELIABLE)
    arrival.leg.ring(OUR_SOUND)
    early = await call.phone.take(method="INVITE", status=183)
    answer = await prack(call, early, body=sdp_of(41000, "0 101"))
    assert "m=audio 20000 RTP/AVP 0 101\r\n" in answer.body
    assert (await arrival.heard.next("changed")).port == 41000


async def test_update_before_the_answer(board: Switchboard, call: WireCall) -> None:
    arrival = await invite(board, call, headers=RELIABLE)
    arrival.leg.ring()
    ringing = await call.phone.take(method="INVITE", status=180)
    assert (await prack(call, ringing)).status == 200
    refused = await call.ask("UPDATE", body=sdp_of(41000))
    assert refused.status == 500
    assert 0 <= int(refused.header("retry-after")) <= 10
    assert (await call.ask("UPDATE")).status == 200
    arrival.leg.ring(OUR_SOUND)
    assert (await prack(call, await call.phone.take(method="INVITE", status=183))).status == 200
    updated = await call.ask("UPDATE", body=sdp_of(41000, "0 101"))
    assert "m=audio 20000 RTP/AVP 0 101\r\n" in updated.body
    assert (await arrival.heard.next("changed")).port == 41000


async def test_a_second_invite_before_the_answer_has_to_wait(board: Switchboard, call: WireCall) -> None:
    leg = (await invite(board, call)).leg
    leg.ring()
    call.join(await call.phone.take(method="INVITE", status=180))
    refused = await call.ask("INVITE", body=sdp_of())
    assert refused.status == 500
    assert "retry-after" in refused.headers


async def test_cancel_before_any_ringing(board: Switchboard, call: WireCall) -> None:
    arrival = await invite(board, call)
    assert (await call.ask("CANCEL")).status == 200
    await call.phone.take(method="INVITE", status=487)
    assert await arrival.heard.next("ended") == (True, 487)
    arrival.leg.answer(OUR_SOUND)


async def test_cancel_of_a_reliable_ringing(board: Switchboard, call: WireCall) -> None:
    arrival = await invite(board, call, headers=RELIABLE)
    arrival.leg.ring(OUR_SOUND)
    await call.phone.take(method="INVITE", status=183)
    assert (await call.ask("CANCEL")).status == 200
    await call.phone.take(method="INVITE", status=487)
    assert await arrival.heard.next("ended") == (True, 487)


async def test_cancel_that_crosses_the_answer_changes_nothing(board: Switchboard, call: WireCall) -> None:
    arrival = await invite(board, call)
    arrival.leg.answer(OUR_SOUND)
    ok = await call.phone.take(method="INVITE", status=200)
    assert (await call.ask("CANCEL")).status == 481
    call.join(ok)
    call.phone.send(call.request("ACK"))
    assert (await call.ask("BYE")).status == 200
    assert await arrival.heard.next("ended") == (True, 200)


async def test_a_caller_hangs_up_while_it_rings(board: Switchboard, call: WireCall) -> None:
    arrival = await invite(board, call)
    arrival.leg.ring()
    call.join(await call.phone.take(method="INVITE", status=180))
    assert (await call.ask("BYE")).status == 200
    await call.phone.take(method="INVITE", status=487)
    assert await arrival.heard.next("ended") == (True, 487)


# Calls that we place


def place(board: Switchboard, phone: WirePhone, timeout_s: float = 30.0) -> tuple[SipLeg, Heard]:
    heard = Heard()
    leg = board.endpoint.place_call(
        f"sip:8001@127.0.0.1:{phone.port}",
        caller_number="13812345678",
        media=OUR_SOUND,
        events=heard,
        timeout_s=timeout_s,
    )
    return leg, heard


async def test_a_reliable_ringing_is_acknowledged_and_its_repeat_is_not_told_again(
    board: Switchboard, phone: WirePhone
) -> None:
    leg, heard = place(board, phone)
    asked = await phone.take(method="INVITE")
    assert "100rel" in asked.header("supported")
    for branch in ("1", "2"):
        # A proxy on the way makes the repeat another message, so that it is not known by its bytes.
        phone.answer(asked, 180, "Ringing", headers=f"Require: 100rel\r\nRSeq: 7\r\nX-Way: {branch}\r\n")
    acknowledged = await phone.take(method="PRACK")
    number = asked.header("cseq").split()[0]
    assert acknowledged.header("rack") == f"7 {number} INVITE"
    assert acknowledged.header("to").endswith(";tag=phone")
    phone.answer(acknowledged, 200, "OK")
    assert await heard.next("progress") == 180
    phone.answer(asked, 183, "Session Progress", body=sdp_of(41000), headers="Require: 100rel\r\nRSeq: 8\r\n")
    phone.answer(await phone.take(method="PRACK"), 200, "OK")
    assert await heard.next("progress") == 183
    assert (await heard.next("early")).port == 41000
    phone.answer(asked, 200, "OK")
    assert (await heard.next("answered")).port == 41000
    await phone.take(method="ACK")
    leg.hang_up()
    phone.answer(await phone.take(method="BYE"), 200, "OK")


async def test_an_answer_that_comes_again_is_acknowledged_again(board: Switchboard, phone: WirePhone) -> None:
    leg, heard = place(board, phone)
    asked = await phone.take(method="INVITE")
    for _ in range(2):
        phone.answer(asked, 200, "OK", body=sdp_of())
        await phone.take(method="ACK")
    await heard.next("answered")
    leg.hang_up()
    assert await heard.next("ended") == (False, 0)
    phone.answer(await phone.take(method="BYE"), 200, "OK")


async def test_an_answer_that_comes_again_changed_is_acknowledged_again(board: Switchboard, phone: WirePhone) -> None:
    leg, heard = place(board, phone)
    asked = await phone.take(method="INVITE")
    phone.answer(asked, 200, "OK", body=sdp_of())
    first = await phone.take(method="ACK")
    phone.answer(asked, 200, "OK", body=sdp_of(), headers="X-Way: another\r\n")
    assert (await phone.take(method="ACK")).headers == first.headers
    await heard.next("answered")
    leg.hang_up()
    phone.answer(await phone.take(method="BYE"), 200, "OK")


async def test_a_second_phone_that_answers_the_same_call_is_hung_up(board: Switchboard, phone: WirePhone) -> None:
    leg, heard = place(board, phone)
    asked = await phone.take(method="INVITE")
    phone.answer(asked, 200, "OK", body=sdp_of())
    await phone.take(method="ACK")
    other = await WirePhone.open(board.endpoint.port)
    asked.headers["to"] = [f"{asked.header('to')};tag=fork"]
    other.answer(asked, 200, "OK", body=sdp_of(41000))
    assert (await other.take(method="ACK")).header("to").endswith(";tag=fork")
    bye = await other.take(method="BYE")
    assert bye.header("to").endswith(";tag=fork")
    other.answer(bye, 200, "OK")
    assert (await heard.next("answered")).port == 40000
    leg.hang_up()
    phone.answer(await phone.take(method="BYE"), 200, "OK")
    assert await heard.next("ended") == (False, 0)
    other.close()


async def test_a_phones_early_sound_is_heard(board: Switchboard, phone: WirePhone) -> None:
    leg, heard = place(board, phone)
    asked = await phone.take(method="INVITE")
    phone.answer(asked, 183, "Session Progress", body=sdp_of(41000))
    assert await heard.next("progress") == 183
    assert (await heard.next("early")).port == 41000
    phone.answer(asked, 200, "OK", body=sdp_of(42000))
    assert (await heard.next("answered")).port == 42000
    leg.hang_up()
    phone.answer(await phone.take(method="BYE"), 200, "OK")


async def test_the_callee_updates_before_its_answer(board: Switchboard, phone: WirePhone) -> None:
    leg, _ = place(board, phone)
    asked = await phone.take(method="INVITE")
    callee = WireCall.of(phone, asked)
    phone.answer(asked, 180, "Ringing", headers="Require: 100rel\r\nRSeq: 1\r\n")
    phone.answer(await phone.take(method="PRACK"), 200, "OK")
    assert (await callee.ask("UPDATE", body=sdp_of())).status == 491
    phone.answer(asked, 183, "Session Progress", body=sdp_of(41000), headers="Require: 100rel\r\nRSeq: 2\r\n")
    phone.answer(await phone.take(method="PRACK"), 200, "OK")
    updated = await callee.ask("UPDATE", body=sdp_of(42000))
    assert (updated.status, "m=audio 20000" in updated.body) == (200, True)
    leg.hang_up()
    await phone.take(method="CANCEL")


async def test_we_cancel_before_any_ringing(board: Switchboard, phone: WirePhone) -> None:
    leg, heard = place(board, phone)
    asked = await phone.take(method="INVITE")
    leg.hang_up()
    assert await heard.next("ended") == (False, 0)
    await asyncio.sleep(0)
    assert not [message for message in phone.inbox if message.method == "CANCEL"]
    # RFC 3261, 9.1: the CANCEL waits for the first provisional response.
    phone.answer(asked, 180, "Ringing")
    phone.answer(await phone.take(method="CANCEL"), 200, "OK")
    phone.answer(asked, 487, "Request Terminated")
    await phone.take(method="ACK")
