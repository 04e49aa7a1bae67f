"""The endpoint against stock telephones: baresip, linphone, and our own endpoint in another process."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.telephony.peers import DEADLINE_S, baresip, end, until
from tests.telephony.switchboard import OUR_SOUND, PASSWORD, Heard, Switchboard

pytestmark = pytest.mark.slow


async def test_baresip_registers_is_called_and_leaves(board: Switchboard, tmp_path: Path) -> None:
    async with baresip(tmp_path, board.endpoint.port, password=PASSWORD):
        change = await board.phone_change()
        assert (change.extension, change.registered) == ("8001", True)
        heard = Heard()
        leg = board.endpoint.place_call(
            "8001", caller_number="13812345678", media=OUR_SOUND, events=heard, timeout_s=10.0
        )
        assert (await until(heard, "answered")).digits_payload == 101
        leg.hang_up()
        assert await heard.next("ended") == (False, 0)
    gone = await board.phone_change()
    assert (gone.extension, gone.registered) == ("8001", False)


async def test_baresip_calls_us_as_an_extension_with_its_password(board: Switchboard, tmp_path: Path) -> None:
    async with baresip(tmp_path, board.endpoint.port, password=PASSWORD) as phone:
        phone.command("dial", f"sip:12345@127.0.0.1:{board.endpoint.port}")
        arrival = await board.arrival()
        assert (arrival.call.caller_number, arrival.call.trunk) == ("8001", "extension")
        await phone.event("CALL_ESTABLISHED")
    assert await until(arrival.heard, "ended") == (True, 200)


async def test_our_own_endpoint_is_a_phone_that_registers_and_is_called(board: Switchboard) -> None:
    robot = await asyncio.create_subprocess_exec(
        sys.executable,
        *(str(Path(__file__).parents[1] / "robot_phone.py"), str(board.endpoint.port), "8001", PASSWORD),
    )
    try:
        async with asyncio.timeout(DEADLINE_S):
            assert (await board.phones.get()).registered
        heard = Heard()
        leg = board.endpoint.place_call(
            "8001", caller_number="13812345678", media=OUR_SOUND, events=heard, timeout_s=10.0
        )
        assert (await until(heard, "answered")).port == 20000
        leg.hang_up()
        assert await heard.next("ended") == (False, 0)
    finally:
        await end(robot)
    assert not (await board.phone_change()).registered
