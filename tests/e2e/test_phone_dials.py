"""An agent's own telephone dials a citizen, on the whole service: baresip at the desk, the booth behind the trunk."""

import asyncio
from pathlib import Path
from typing import Any

from domain.g711 import alaw_decode
from hotline.demo_accounts import desk_passwords
from hotline.desk_client import DeskClient
from hotline.sip_accounts import demo_passwords
from telephony.media.tone import note
from tests.e2e.floor import DEADLINE_S, Citizen, Floor, happens, says_note
from tests.e2e.test_agents_telephone import ready_at
from tests.e2e.test_call_control import recorded_tones
from tests.e2e.tones import AGENT_HZ, CITIZEN_HZ, hear
from tests.telephony.peers import baresip, write_sound

EXTENSION, OUTSIDE = "8001", "01062345678"


async def agent_is(desk: DeskClient, state: str) -> None:
    async def look() -> bool:
        agent = (await desk.call("GET", "/api/desk"))["agent"]
        return bool(agent) and agent["state"] == state

    await happens(look, f"the agent is {state}")


async def test_what_an_agents_telephone_dials_is_an_outgoing_call_as_by_a_click(floor: Floor, tmp_path: Path) -> None:
    service = floor.service
    write_sound(tmp_path / "said.wav", alaw_decode(note(AGENT_HZ, 60.0)).tobytes())
    password = demo_passwords(service.settings)[EXTENSION]
    outside = f"sip:{OUTSIDE}@127.0.0.1:{service.sip_port}"
    async with (
        baresip(tmp_path, service.sip_port, user=EXTENSION, password=password) as phone,
        DeskClient(service.running.web, service.running.certificate) as desk,
    ):
        phone.command("dial", outside)
        assert (await phone.event("CALL_CLOSED"))["param"].startswith("403")  # nobody has signed in there

        await desk.sign_in(EXTENSION, desk_passwords(service.data_dir)[EXTENSION])
        await ready_at(desk, EXTENSION)
        phone.command("dial", f"sip:77@127.0.0.1:{service.sip_port}")
        assert (await phone.event("CALL_CLOSED"))["param"].startswith("404")
        phone.command("dial", outside)
        ringing = await floor.booth.ringing(OUTSIDE)
        await phone.event("CALL_RINGING")
        await agent_is(desk, "ringing")
        ringing.reject(486, "Busy Here")
        assert (await phone.event("CALL_CLOSED"))["param"].startswith("486")
        await agent_is(desk, "ready")

        phone.command("dial", outside)
        ringing = await floor.booth.ringing(OUTSIDE)
        assert ringing.call.caller_number == "02212345"
        citizen = Citizen(OUTSIDE, ringing.answer(), floor)
        await phone.event("CALL_ESTABLISHED")
        await agent_is(desk, "talking")
        says_note(citizen.line, CITIZEN_HZ)
        await hear((citizen.line, {AGENT_HZ}))
        await asyncio.sleep(1)  # so much of both is recorded
        phone.command("hangup")
        await citizen.line.ended(DEADLINE_S)
        await is_kept(citizen)
        await agent_is(desk, "wrap_up")
        await desk.call("POST", "/api/agent/command", {"command": "sign_out"})


async def is_kept(citizen: Citizen) -> None:
    """Listed as the agent's outgoing call, recorded on both sides, with a ticket to fill in."""
    call: dict[str, Any] = await citizen.is_recorded()
    assert (call["direction"], call["agent_id"], call["caller_number"]) == ("out", EXTENSION, OUTSIDE)
    _, whole = recorded_tones(citizen.floor, call, 500)
    assert whole == ({CITIZEN_HZ}, {AGENT_HZ})
    view = await citizen.view()
    assert view["history"][0] == view["history"][0] | {"what": "placed", "who": EXTENSION, "how": "phone"}
    assert view["ticket"]
