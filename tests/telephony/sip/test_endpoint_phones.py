"""Phones that register, calls that we place, and being a phone ourselves."""

import asyncio

import pytest

from telephony.ports import Codec, SipLeg
from telephony.sip.registration import RegistrationState
from tests.telephony.switchboard import OUR_SOUND, PASSWORD, Heard, Switchboard
from tests.telephony.wire_phone import Message, WireCall, WirePhone, proof, sdp_of


async def register(
    phone: WirePhone, password: str = PASSWORD, *, user: str = "8001", headers: str = "Expires: 60\r\n"
) -> Message:
    """REGISTER, and again with the answer to the challenge."""
    dialog = WireCall(phone, caller=user, called=user)
    challenged = await dialog.ask("REGISTER", headers=headers)
    if challenged.status != 401:
        return challenged
    answer = proof(challenged.header("www-authenticate"), user, password, "REGISTER")
    return await dialog.ask("REGISTER", headers=f"{headers}Authorization: {answer}\r\n")


def ring(board: Switchboard, target: str, timeout_s: float = 30.0, **more: object) -> tuple[SipLeg, Heard]:
    heard = Heard()
    leg = board.endpoint.place_call(
        target,
        caller_number="13812345678",
        media=OUR_SOUND,
        events=heard,
        timeout_s=timeout_s,
        **more,  # only what a test adds
    )
    return leg, heard


async def test_a_phone_registers_and_unregisters(board: Switchboard, phone: WirePhone) -> None:
    ok = await register(phone)
    assert ok.status == 200
    assert ok.header("contact") == f"<sip:8001@127.0.0.1:{phone.port}>;expires=60"
    change = await board.phone_change()
    assert (change.extension, change.registered) == ("8001", True)
    assert (await register(phone, headers="Expires: 0\r\n")).status == 200
    gone = await board.phone_change()
    assert (gone.extension, gone.registered, gone.expires_at_ms) == ("8001", False, 0)


async def test_too_short_a_registration_is_told_the_least(phone: WirePhone) -> None:
    refused = await register(phone, headers="Expires: 5\r\n")
    assert (refused.status, refused.header("min-expires")) == (423, "30")


async def test_guessing_passwords_ends_in_403(board: Switchboard, phone: WirePhone) -> None:
    told = [(await register(phone, "wrong", user="8009")).status for _ in range(6)]
    assert told[0] == 401
    assert told[-1] == 403
    assert board.phones.empty()


async def test_who_calls_as_an_extension_is_challenged(board: Switchboard, phone: WirePhone) -> None:
    call = WireCall(phone, caller="8001")
    challenged = await call.ask("INVITE", body=sdp_of())
    assert challenged.status == 407
    call.phone.send(call.request("ACK"))
    answer = proof(challenged.header("proxy-authenticate"), "8001", PASSWORD, "INVITE")
    ok = await call.ask("INVITE", body=sdp_of(), headers=f"Proxy-Authorization: {answer}\r\n")
    assert ok.status == 200
    assert (await board.arrival()).call.trunk == "extension"


async def test_a_registered_phone_is_rung_answers_and_hangs_up(board: Switchboard, phone: WirePhone) -> None:
    await register(phone)
    _, heard = ring(board, "8001", display_name="市民")
    invite = await phone.take(method="INVITE")
    assert invite.first == f"INVITE sip:8001@127.0.0.1:{phone.port} SIP/2.0"
    assert "13812345678" in invite.header("from")
    assert "市民" in invite.header("from")
    assert "m=audio 20000 RTP/AVP 8 0 101\r\n" in invite.body
    phone.answer(invite, 180, "Ringing")
    assert await heard.next("progress") == 180
    phone.answer(invite, 200, "OK", body=sdp_of(44000, "0 101"))
    media = await heard.next("answered")
    assert (media.codec, media.port) == (Codec.PCMU, 44000)
    await phone.take(method="ACK")
    bye = WireCall(phone, called="13812345678", call_id=invite.header("call-id"), cseq=5)
    bye.to_tag = ";tag=" + invite.header("from").partition(";tag=")[2]
    phone.send(bye.request("BYE").replace(";tag=wire", ";tag=phone"))
    assert (await phone.take(method="BYE", status=0)).status == 200
    assert await heard.next("ended") == (True, 200)


async def test_an_agents_phone_holds_the_call(board: Switchboard, phone: WirePhone) -> None:
    _, heard = ring(board, f"sip:8001@127.0.0.1:{phone.port}")
    invite = await phone.take(method="INVITE")
    phone.answer(invite, 200, "OK", body=sdp_of())
    await heard.next("answered")
    hold = WireCall(phone, called="13812345678", call_id=invite.header("call-id"), cseq=5)
    hold.to_tag = ";tag=" + invite.header("from").partition(";tag=")[2]
    text = hold.request("INVITE", body=sdp_of(extra="a=inactive\r\n")).replace(";tag=wire", ";tag=phone")
    phone.send(text)
    held = await phone.take(method="INVITE", status=200)
    assert "a=inactive\r\n" in held.body
    assert "m=audio 20000 RTP/AVP 8 101\r\n" in held.body
    changed = await heard.next("changed")
    assert (changed.sends, changed.receives) == (False, False)


async def test_a_phone_behind_nat_is_reached_where_it_came_from(board: Switchboard, phone: WirePhone) -> None:
    inner = f"127.0.0.1:{phone.port}"
    dialog = WireCall(phone, caller="8001", called="8001")

    def behind_nat(text: str) -> str:
        return text.replace(f"Contact: <sip:8001@{inner}>", "Contact: <sip:8001@10.9.8.7:5060>")

    phone.send(behind_nat(dialog.request("REGISTER")))
    challenged = await phone.take(method="REGISTER", status=401)
    answer = proof(challenged.header("www-authenticate"), "8001", PASSWORD, "REGISTER")
    phone.send(behind_nat(dialog.request("REGISTER", headers=f"Authorization: {answer}\r\n")))
    assert "sip:8001@10.9.8.7:5060" in (await phone.take(method="REGISTER", status=200)).header("contact")
    leg, heard = ring(board, "8001")
    invite = await phone.take(method="INVITE")
    assert invite.first == "INVITE sip:8001@10.9.8.7:5060 SIP/2.0"
    phone.answer(invite, 200, "OK", body=sdp_of(), contact="sip:8001@10.9.8.7:5060")
    await heard.next("answered")
    await phone.take(method="ACK")
    leg.hang_up()
    phone.answer(await phone.take(method="BYE"), 200, "OK")


async def test_we_hang_up_an_answered_phone(board: Switchboard, phone: WirePhone) -> None:
    leg, heard = ring(board, f"sip:8001@127.0.0.1:{phone.port}")
    invite = await phone.take(method="INVITE")
    phone.answer(invite, 200, "OK", body=sdp_of())
    await heard.next("answered")
    leg.hang_up()
    assert await heard.next("ended") == (False, 0)
    phone.answer(await phone.take(method="BYE"), 200, "OK")


@pytest.mark.parametrize(("status", "reason"), [(486, "Busy Here"), (480, "Away"), (403, "No"), (302, "Moved")])
async def test_a_phone_that_refuses(board: Switchboard, phone: WirePhone, status: int, reason: str) -> None:
    _, heard = ring(board, f"sip:8001@127.0.0.1:{phone.port}")
    phone.answer(await phone.take(method="INVITE"), status, reason)
    assert await heard.next("ended") == (True, status)
    await phone.take(method="ACK")


async def test_nobody_answers(board: Switchboard, phone: WirePhone) -> None:
    _, heard = ring(board, f"sip:8001@127.0.0.1:{phone.port}", timeout_s=2.0)
    invite = await phone.take(method="INVITE")
    phone.answer(invite, 180, "Ringing")
    assert await heard.next("progress") == 180
    assert await heard.next("ended") == (False, 408)
    cancel = await phone.take(method="CANCEL")
    phone.answer(cancel, 200, "OK")
    phone.answer(invite, 487, "Request Terminated")
    await phone.take(method="ACK")


async def test_an_answer_that_crosses_our_cancel_is_hung_up(board: Switchboard, phone: WirePhone) -> None:
    leg, heard = ring(board, f"sip:8001@127.0.0.1:{phone.port}")
    invite = await phone.take(method="INVITE")
    phone.answer(invite, 180, "Ringing")
    await heard.next("progress")
    leg.hang_up()
    await phone.take(method="CANCEL")
    phone.answer(invite, 200, "OK", body=sdp_of())
    assert await heard.next("ended") == (False, 0)
    phone.answer(await phone.take(method="BYE"), 200, "OK")
    assert heard.events.empty()


async def test_an_answer_without_common_codec_is_hung_up_after_its_ack(board: Switchboard, phone: WirePhone) -> None:
    _, heard = ring(board, f"sip:8001@127.0.0.1:{phone.port}")
    invite = await phone.take(method="INVITE")
    phone.answer(invite, 200, "OK", body=sdp_of(payloads="18"))
    assert await heard.next("ended") == (False, 488)
    await phone.take(method="ACK")
    phone.answer(await phone.take(method="BYE"), 200, "OK")


async def test_targets_that_cannot_be_reached(board: Switchboard) -> None:
    for target, status in (("8002", 480), ("sip:", 404), ("sip:a@127.0.0.1:x", 404)):
        _, heard = ring(board, target)
        assert await heard.next("ended") == (False, status), target


async def test_a_challenge_is_answered_with_the_password(board: Switchboard, phone: WirePhone) -> None:
    _, heard = ring(board, f"sip:100@127.0.0.1:{phone.port}", auth=("trunk", "word"), headers=(("X-City", "sample"),))
    invite = await phone.take(method="INVITE")
    assert invite.header("x-city") == "sample"
    challenge = 'Digest realm="pbx", nonce="abc", algorithm=MD5, qop="auth"'
    text = f"SIP/2.0 407 Proxy Authentication Required\r\nProxy-Authenticate: {challenge}\r\n"
    via = "".join(f"Via: {value}\r\n" for value in invite.headers["via"])
    phone.send(
        f"{text}{via}From: {invite.header('from')}\r\nTo: {invite.header('to')};tag=p\r\n"
        f"Call-ID: {invite.header('call-id')}\r\nCSeq: {invite.header('cseq')}\r\nContent-Length: 0\r\n\r\n"
    )
    again = await phone.take(method="INVITE")
    assert 'username="trunk"' in again.header("proxy-authorization")
    phone.answer(again, 200, "OK", body=sdp_of())
    await heard.next("answered")


async def answer_register(server: WirePhone, request: Message, status: int, headers: str = "") -> None:
    via = "".join(f"Via: {value}\r\n" for value in request.headers["via"])
    server.send(
        f"SIP/2.0 {status} Answer\r\n{via}From: {request.header('from')}\r\nTo: {request.header('to')};tag=r\r\n"
        f"Call-ID: {request.header('call-id')}\r\nCSeq: {request.header('cseq')}\r\n{headers}Content-Length: 0\r\n\r\n"
    )


async def test_we_register_as_a_phone_and_unregister_at_the_end() -> None:
    board = Switchboard()
    await board.endpoint.start()
    server = await WirePhone.open(board.endpoint.port)
    states: asyncio.Queue[RegistrationState] = asyncio.Queue()
    address = ("127.0.0.1", server.port)
    board.endpoint.register_at(address, "8001", "word", on_state=states.put_nowait, expires_s=60)
    first = await server.take(method="REGISTER")
    assert "expires=60" in first.header("contact")
    challenge = 'WWW-Authenticate: Digest realm="city", nonce="abc", algorithm=MD5, qop="auth"\r\n'
    await answer_register(server, first, 401, challenge)
    proven = await server.take(method="REGISTER")
    assert 'username="8001"' in proven.header("authorization")
    await answer_register(server, proven, 200, f"Contact: {proven.header('contact')}\r\n")
    assert await states.get() == RegistrationState(
        registered=True, status=200, reason="Answer", answered_from="127.0.0.1"
    )
    stopping = asyncio.create_task(board.endpoint.stop())
    last = await server.take(method="REGISTER")
    assert "expires=0" in last.header("contact")
    await answer_register(server, last, 200)
    await stopping
    server.close()


async def test_a_refused_registration_is_told_once_and_tried_again() -> None:
    board = Switchboard()
    await board.endpoint.start()
    server = await WirePhone.open(board.endpoint.port)
    states: asyncio.Queue[RegistrationState] = asyncio.Queue()
    address = ("127.0.0.1", server.port)
    board.endpoint.register_at(address, "8001", "word", on_state=states.put_nowait, expires_s=10)
    await answer_register(server, await server.take(method="REGISTER"), 423, "Min-Expires: 90\r\n")
    assert not (await states.get()).registered
    again = await server.take(method="REGISTER")
    assert "expires=90" in again.header("contact")
    await answer_register(server, again, 200)
    assert (await states.get()).registered
    server.close()
    await board.endpoint.stop()
