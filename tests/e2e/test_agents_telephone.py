"""What an agent does at the telephone alone, on the whole service over real SIP and RTP: keys, hold, transfer.

Everybody says a note of their own, by which it is known who hears whom.
"""

from pathlib import Path

from domain.g711 import alaw_decode
from hotline.demo_accounts import desk_passwords
from hotline.desk_client import DeskClient
from hotline.phone_line import PhoneLine, audible_s
from hotline.sip_accounts import demo_passwords
from telephony.media.tone import note
from tests.e2e.audit_trail import audited
from tests.e2e.floor import Agent, Citizen, Floor, happens, hears_note, says_note
from tests.e2e.test_call_control import hears, phase_is
from tests.telephony.peers import baresip, write_sound

CITIZEN_HZ, AGENT_HZ, COLLEAGUE_HZ = 500.0, 700.0, 900.0
HAND_OVERS = 3
READ_S = 1.0
PLACE = "云江区解放路88号"


def press(line: PhoneLine, keys: str) -> None:
    """By RFC 4733, one after another."""
    for key in keys:
        line.media.send_digit(key)


async def write_place(agent: Agent, citizen: Citizen) -> None:
    """The agent writes down where it happened."""
    call_id = (await citizen.summary())["call_id"]
    ticket = (await citizen.view())["ticket"]
    body = {"fields": {"location": PLACE}, "version": ticket["version"]}
    await agent.desk.call("PATCH", f"/api/calls/{call_id}/ticket", body)


def handed_over(floor: Floor, call_id: str) -> list[tuple[str, ...]]:
    """(user, source, detail) of the hand-overs of this call in the audit trail."""
    columns, where = "users.username, audit.source, audit.detail", "audit.call_id = ? AND audit.action = 'hand_over'"
    return audited(floor.service.data_dir, columns, where, call_id)


async def hand_over(citizen: Citizen, at_agent: PhoneLine) -> int:
    """*0110, and again until the place was read to the agent alone before 110 answered; how often.

    The engine may be too late for the first time; what it has said once is there at once.
    """
    for times in range(1, HAND_OVERS + 1):
        lines = (at_agent, citizen.line)
        press(at_agent, "*0110")
        await phase_is(citizen, "inviting")
        before = [len(line.heard) for line in lines]
        await phase_is(citizen, "conference")
        at_agents, at_citizens = (
            audible_s(bytes(line.heard[start:])) for line, start in zip(lines, before, strict=True)
        )
        await hears(citizen.line, "the citizen hears 110")
        if at_agents - at_citizens > READ_S:
            return times
        press(at_agent, "*7")
        await phase_is(citizen, "talking")
    raise AssertionError("the place was not read to the agent while 110 rang")


async def test_keys_of_a_telephone_hold_the_call_and_hand_it_over_to_110_with_its_place(floor: Floor) -> None:
    agent = await floor.agent("8001")
    citizen = await floor.call(key="0")
    at_agent = (await agent.rings()).answer()
    await citizen.becomes("talking")
    says_note(citizen.line, CITIZEN_HZ)
    says_note(at_agent, AGENT_HZ)
    await hears_note(citizen.line, AGENT_HZ, "the citizen hears the agent")
    await hears_note(at_agent, CITIZEN_HZ, "the agent hears the citizen")

    press(at_agent, "*1")
    await phase_is(citizen, "held")
    await hears_note(at_agent, 0, "the agent hears nobody while the citizen is held")
    await hears(citizen.line, "the citizen hears music")
    press(at_agent, "*1")
    await hears_note(citizen.line, AGENT_HZ, "the citizen hears the agent again")
    press(at_agent, "*8")
    await hears_note(citizen.line, 0, "the citizen does not hear a muted agent")
    press(at_agent, "*8")
    await hears_note(citizen.line, AGENT_HZ, "the citizen hears the agent again")

    await write_place(agent, citizen)
    for line in (citizen.line, at_agent):
        line.media.play(b"", token=0)
    times = await hand_over(citizen, at_agent)
    call = await citizen.view()
    steps = [step for step in call["history"] if step["what"] == "handed_over"]
    assert [(step["who"], step["whom"], step["location"]) for step in steps] == [("8001", "公安 110", PLACE)] * times

    async def noted() -> bool:
        return handed_over(floor, call["call_id"]) == [("8001", "telephone keys", f"公安 110 {PLACE}")] * times

    await happens(noted, "the hand-over is in the audit trail")
    press(at_agent, "*7")
    await phase_is(citizen, "talking")


async def ready_at(desk: DeskClient, extension: str) -> None:
    """Signed in and free at a telephone that somebody else has registered."""
    for command in ("sign_in", "set_ready"):

        async def accepted(command: str = command) -> bool:
            body = {"command": command, "extension": extension}
            return bool((await desk.call("POST", "/api/agent/command", body))["accepted"])

        await happens(accepted, f"{extension}: {command}")


async def test_a_telephones_own_hold_and_transfer_keys(floor: Floor, tmp_path: Path) -> None:
    """baresip holds by re-INVITE and transfers by REFER; what that means for the caller is done here."""
    service, extension = floor.service, "8001"
    write_sound(tmp_path / "said.wav", alaw_decode(note(AGENT_HZ, 60.0)).tobytes())
    password = demo_passwords(service.settings)[extension]
    async with (
        baresip(tmp_path, service.sip_port, user=extension, password=password) as phone,
        DeskClient(service.running.web, service.running.certificate) as desk,
    ):
        await desk.sign_in(extension, desk_passwords(service.data_dir)[extension])
        await ready_at(desk, extension)
        citizen = await floor.call(key="0")
        await citizen.becomes("talking")
        await hears_note(citizen.line, AGENT_HZ, "the citizen hears the agent")
        phone.command("hold")
        await phase_is(citizen, "held")
        await hears(citizen.line, "the citizen hears music")
        phone.command("resume")
        await hears_note(citizen.line, AGENT_HZ, "the citizen hears the agent again")

        colleague = await floor.agent("8002")
        phone.command("transfer", f"sip:8002@127.0.0.1:{service.sip_port}")
        ringing = await colleague.rings()
        await phone.event("CALL_CLOSED")
        at_colleague = ringing.answer()
        says_note(citizen.line, CITIZEN_HZ)
        says_note(at_colleague, COLLEAGUE_HZ)
        await hears_note(citizen.line, COLLEAGUE_HZ, "the citizen hears the colleague")
        await hears_note(at_colleague, CITIZEN_HZ, "the colleague hears the citizen")
        citizen.line.hang_up()
        call = await citizen.is_recorded()
        assert call["agent_ids"] == ["8001", "8002"]
        await desk.call("POST", "/api/agent/command", {"command": "sign_out"})
