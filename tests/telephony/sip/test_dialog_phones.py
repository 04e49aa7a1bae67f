"""The dialog against stock telephones, as an agent's phone and as a trunk's, called and calling."""

import asyncio
from pathlib import Path

import pytest

from telephony.ports import InboundCall, SipLeg
from tests.telephony.peers import DEADLINE_S, baresip, linphone, until
from tests.telephony.switchboard import OUR_SOUND, PASSWORD, Arrival, Heard, Switchboard

pytestmark = pytest.mark.slow


def call_8001(board: Switchboard) -> tuple[SipLeg, Heard]:
    heard = Heard()
    leg = board.endpoint.place_call(
        "8001", caller_number="13812345678", media=OUR_SOUND, events=heard, timeout_s=DEADLINE_S
    )
    return leg, heard


async def registered(board: Switchboard) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not (await board.phones.get()).registered:
            pass


async def transferred(leg: SipLeg, heard: Heard) -> str:
    """Let the phone's transfer succeed; to whom it was asked."""
    target, replaces = await until(heard, "transfer", "changed")
    assert replaces == ""
    leg.tell_transfer(180, "Ringing")
    leg.tell_transfer(200, "OK")
    return str(target)


async def test_baresip_holds_resumes_and_transfers(board: Switchboard, tmp_path: Path) -> None:
    async with baresip(tmp_path, board.endpoint.port, password=PASSWORD) as phone:
        await registered(board)
        leg, heard = call_8001(board)
        await until(heard, "answered")
        phone.command("hold")
        assert not (await until(heard, "changed")).receives
        phone.command("resume")
        assert (await until(heard, "changed")).receives
        phone.command("transfer", f"sip:8002@127.0.0.1:{board.endpoint.port}")
        assert await transferred(leg, heard) == "8002"
        assert await until(heard, "ended", "changed") == (True, 200)


async def test_baresips_early_sound_is_heard_and_it_is_cancelled(board: Switchboard, tmp_path: Path) -> None:
    async with baresip(tmp_path, board.endpoint.port, password=PASSWORD, account="answermode=early") as phone:
        await registered(board)
        leg, heard = call_8001(board)
        early = await until(heard, "early")
        assert early.port > 0
        leg.hang_up()
        assert await until(heard, "ended") == (False, 0)
        await phone.event("CALL_CLOSED")


async def test_linphone_holds_resumes_and_transfers(board: Switchboard, tmp_path: Path) -> None:
    async with linphone(tmp_path, board.endpoint.port, password=PASSWORD) as phone:
        await registered(board)
        leg, heard = call_8001(board)
        await until(heard, "answered")
        phone.command("pause")
        assert not (await until(heard, "changed")).receives
        # It refuses to resume until it has heard that the hold was accepted, and says so to nobody.
        while heard.events.empty():
            phone.command("resume")
            await asyncio.sleep(0.5)
        assert (await until(heard, "changed")).receives
        phone.command(f"transfer sip:8002@127.0.0.1:{board.endpoint.port}")
        assert await transferred(leg, heard) == "8002"
        leg.hang_up()
        assert (await until(heard, "ended", "changed"))[1] in (0, 200)


def sound_first(_call: InboundCall, leg: SipLeg) -> None:
    leg.ring(OUR_SOUND)
    asyncio.get_running_loop().call_later(0.3, leg.answer, OUR_SOUND)


async def test_linphone_calls_us_as_an_extension(board: Switchboard, tmp_path: Path) -> None:
    board.take_call = sound_first
    async with linphone(tmp_path, board.endpoint.port, password=PASSWORD) as phone:
        await registered(board)
        phone.command(f"call sip:12345@127.0.0.1:{board.endpoint.port}")
        arrival = await board.arrival()
        assert (arrival.call.caller_number, arrival.call.trunk) == ("8001", "extension")
        await is_hung_up_by_us(arrival)


async def is_hung_up_by_us(arrival: Arrival) -> None:
    """The call is up: a phone that was not answered would be refused with 603 at once."""
    await asyncio.sleep(1.0)
    while not arrival.heard.events.empty():
        assert arrival.heard.events.get_nowait()[0] == "changed"
    arrival.leg.hang_up()
    assert await until(arrival.heard, "ended", "changed") == (False, 0)


async def test_baresip_is_a_trunks_peer(board: Switchboard, tmp_path: Path) -> None:
    """Without registering or password, in both directions."""
    board.take_call = sound_first
    async with baresip(tmp_path, board.endpoint.port, user="13900000001") as phone:
        phone.command("dial", f"sip:12345@127.0.0.1:{board.endpoint.port}")
        arrival = await board.arrival()
        assert (arrival.call.caller_number, arrival.call.trunk) == ("13900000001", "guest")
        await phone.event("CALL_ESTABLISHED")
        await is_hung_up_by_us(arrival)
        await phone.event("CALL_CLOSED")
        await answers_and_is_hung_up(board, f"sip:13900000001@127.0.0.1:{phone.sip_port}")


async def test_linphone_is_a_trunks_peer(board: Switchboard, tmp_path: Path) -> None:
    """Without registering or password, in both directions."""
    board.take_call = sound_first
    async with linphone(tmp_path, board.endpoint.port) as phone:
        phone.command(f"call sip:12345@127.0.0.1:{board.endpoint.port}")
        arrival = await board.arrival()
        assert arrival.call.trunk == "guest"
        await is_hung_up_by_us(arrival)
        await answers_and_is_hung_up(board, f"sip:13900000001@127.0.0.1:{phone.sip_port}")


async def answers_and_is_hung_up(board: Switchboard, target: str) -> None:
    heard = Heard()
    leg = board.endpoint.place_call(
        target, caller_number="13812345678", media=OUR_SOUND, events=heard, timeout_s=DEADLINE_S
    )
    assert (await until(heard, "answered")).port > 0
    leg.hang_up()
    assert await until(heard, "ended", "changed") == (False, 0)
