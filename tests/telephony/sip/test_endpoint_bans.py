"""Scanners and floods at the endpoint, with a trunk's call and a registered phone beside them."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest

from domain.errors import RefusedError
from telephony.sip.conf import parse_sip_conf
from tests.telephony.switchboard import OUR_SOUND, PASSWORD, Heard, Switchboard
from tests.telephony.wire_phone import WireCall, WirePhone, proof, sdp_of

TRUNK, PHONE, STRANGER = "127.0.0.2", "127.0.0.3", "127.0.0.9"
_users = itertools.count(100)


@pytest.fixture
async def board() -> AsyncIterator[Switchboard]:
    conf = parse_sip_conf(
        "[general]\nrequests_per_second = 50\nban_after = 8\nban_for = 300\n"
        f"[trunk a]\nallow = {TRUNK}\n[extension 8001]\npassword = {PASSWORD}\n"
    )
    board = Switchboard(conf=conf)
    await board.endpoint.start()
    yield board
    await board.endpoint.stop()


async def at(board: Switchboard, host: str) -> WirePhone:
    return await WirePhone.open(board.endpoint.port, own_host=host)


async def register(phone: WirePhone, password: str = PASSWORD, user: str = "8001") -> int:
    dialog = WireCall(phone, caller=user, called=user)
    challenged = await dialog.ask("REGISTER")
    answer = proof(challenged.header("www-authenticate"), user, password, "REGISTER")
    return (await dialog.ask("REGISTER", headers=f"Authorization: {answer}\r\n")).status


async def test_a_stranger_is_challenged_without_state_and_nothing_is_repeated(board: Switchboard) -> None:
    stranger = await at(board, STRANGER)
    call = WireCall(stranger)
    invite = call.request("INVITE", body=sdp_of())
    stranger.send(invite)
    first = await stranger.take(method="INVITE", status=407)
    stranger.send(invite)
    again = await stranger.take(method="INVITE", status=407)
    assert again.header("to") == first.header("to")
    assert f"received={STRANGER}" in first.header("via")
    call.to_tag = ";tag=" + first.header("to").partition(";tag=")[2]
    stranger.send(call.request("ACK"))
    await asyncio.sleep(1.2)
    assert not stranger.inbox
    assert board.arrivals.empty()
    stranger.close()


async def test_a_phone_answers_the_challenge_and_calls(board: Switchboard) -> None:
    phone = await at(board, PHONE)
    assert await register(phone) == 200
    call = WireCall(phone, caller="8001")
    challenged = await call.ask("INVITE", body=sdp_of())
    answer = proof(challenged.header("proxy-authenticate"), "8001", PASSWORD, "INVITE")
    assert (await call.ask("INVITE", body=sdp_of(), headers=f"Proxy-Authorization: {answer}\r\n")).status == 200
    assert (await board.arrival()).call.trunk == "extension"
    phone.close()


async def test_a_guesser_is_banned_listed_and_let_in_again(board: Switchboard) -> None:
    guesser = await at(board, STRANGER)
    for _ in range(9):
        if board.endpoint.bans():
            break
        await register(guesser, "wrong-password", user=str(next(_users)))
    (ban,) = board.endpoint.bans()
    assert (ban.source, ban.why) == (STRANGER, "wrong password")
    assert 0 < ban.rest_s <= 300
    guesser.send(WireCall(guesser).request("OPTIONS"))
    with pytest.raises(TimeoutError):
        await guesser.take(method="OPTIONS", status=0, deadline_s=0.3)
    assert board.endpoint.bans()[0].dropped == 1
    assert board.endpoint.lift_ban(STRANGER)
    assert not board.endpoint.lift_ban(STRANGER)
    with pytest.raises(RefusedError, match="no address"):
        board.endpoint.lift_ban("nobody")
    assert (await WireCall(guesser).ask("OPTIONS")).status == 200
    guesser.close()


async def test_a_flood_is_shut_out_and_trunk_and_phone_call_on(board: Switchboard) -> None:
    trunk, phone, flooder = [await at(board, host) for host in (TRUNK, PHONE, STRANGER)]
    assert await register(phone) == 200
    call = WireCall(trunk)
    await call.establish()
    for number in range(3000):
        flooder.send(WireCall(flooder, called=str(number)).request("INVITE", body=sdp_of()))
        if number % 50 == 0:
            # The loop must breathe, or its own socket overflows.
            await asyncio.sleep(0)
    for _ in range(60):
        # A trunk and a registered phone send more than strangers may, and are heard.
        assert (await WireCall(trunk).ask("OPTIONS")).status == 200
        assert (await WireCall(phone).ask("OPTIONS")).status == 200
    assert [ban.source for ban in board.endpoint.bans()] == [STRANGER]
    heard = Heard()
    board.endpoint.place_call("8001", caller_number="1", media=OUR_SOUND, events=heard, timeout_s=30.0)
    phone.answer(await phone.take(method="INVITE"), 486, "Busy Here")
    assert await heard.next("ended") == (True, 486)
    assert (await call.ask("BYE")).status == 200
    for each in (trunk, phone, flooder):
        each.close()


async def test_an_old_nonce_is_stale_and_no_offence(board: Switchboard) -> None:
    phone = await at(board, PHONE)
    dialog = WireCall(phone, caller="8001", called="8001")
    challenged = await dialog.ask("REGISTER")
    answer = proof(challenged.header("www-authenticate"), "8001", PASSWORD, "REGISTER")
    assert (await dialog.ask("REGISTER", headers=f"Authorization: {answer}\r\n")).status == 200
    replayed = await dialog.ask("REGISTER", headers=f"Authorization: {answer}\r\n")
    assert replayed.status == 401
    assert "stale=true" in replayed.header("www-authenticate")
    assert board.endpoint.bans() == ()
    phone.close()
