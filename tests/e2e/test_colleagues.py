"""An agent's telephone calls a colleague's, on the whole service: baresip at both, each with a note of its own."""

import asyncio
from pathlib import Path

import numpy as np

from domain.g711 import RATE_HZ, alaw_decode, alaw_encode
from hotline.demo_accounts import desk_passwords
from hotline.desk_client import DeskClient
from hotline.sip_accounts import demo_passwords
from telephony.media.tone import note
from tests.e2e.audit_trail import audited
from tests.e2e.floor import Floor, happens, pitch_hz
from tests.e2e.test_agents_telephone import ready_at
from tests.e2e.test_phone_dials import agent_is
from tests.telephony.peers import Baresip, baresip, write_sound

FIRST, SECOND, ABSENT = "8001", "8002", "8003"
NOTES_HZ = {FIRST: 500.0, SECOND: 800.0}
_HEADER_BYTES, _RATE_AT = 44, 24
"""Of a WAV file of 16-bit samples."""


def heard_hz(folder: Path) -> float:
    """The pitch of the last second of the call of which this telephone has heard most so far.

    Read without `wave`: the header gets its lengths when the file is closed, which is some time after the call.
    """
    file = max(folder.glob("*-dec.wav"), key=lambda each: each.stat().st_size).read_bytes()
    assert int.from_bytes(file[_RATE_AT : _RATE_AT + 4], "little") == RATE_HZ
    pcm = np.frombuffer(file[_HEADER_BYTES:], dtype=np.int16)
    return pitch_hz(alaw_encode(pcm[-RATE_HZ:]))


def done_by_telephone(floor: Floor) -> list[tuple[str, ...]]:
    """(user, action, detail) of what colleagues did by telephone, newest first."""
    where = "audit.action IN ('call_colleague', 'talk_with_colleague') ORDER BY audit.id DESC"
    return audited(floor.service.data_dir, "users.username, audit.action, audit.detail", where)


async def sign_in(floor: Floor, desk: DeskClient, extension: str) -> None:
    await desk.sign_in(extension, desk_passwords(floor.service.data_dir)[extension])
    await ready_at(desk, extension)


async def talk(floor: Floor, phones: dict[str, Baresip], desks: dict[str, DeskClient]) -> None:
    """The first calls the second, who answers; neither is offered the citizen who waits meanwhile."""
    phones[FIRST].command("dial", f"sip:{SECOND}@127.0.0.1:{floor.service.sip_port}")
    await phones[SECOND].event("CALL_INCOMING")
    await phones[FIRST].event("CALL_RINGING")
    await agent_is(desks[SECOND], "ringing")
    phones[SECOND].command("accept")
    await phones[FIRST].event("CALL_ESTABLISHED")
    for desk in desks.values():
        await agent_is(desk, "talking")
        shown = await desk.call("GET", "/api/desk")
        assert (shown["call"], shown["agent"]["call_id"], shown["agent"]["reason"]) == (None, "", "with a colleague")


async def test_a_telephone_that_calls_a_colleague_rings_there_and_nothing_of_it_counts(
    floor: Floor, tmp_path: Path
) -> None:
    service, words = floor.service, demo_passwords(floor.service.settings)
    folders = {extension: tmp_path / extension for extension in NOTES_HZ}
    for extension, hz in NOTES_HZ.items():
        folders[extension].mkdir()
        write_sound(folders[extension] / "said.wav", alaw_decode(note(hz, 60.0)).tobytes())
    before = await floor.leader.call("GET", "/api/numbers")
    async with (
        baresip(folders[FIRST], service.sip_port, user=FIRST, password=words[FIRST]) as first,
        baresip(
            folders[SECOND], service.sip_port, user=SECOND, password=words[SECOND], account="answermode=manual"
        ) as second,
        DeskClient(service.running.web, service.running.certificate) as first_desk,
        DeskClient(service.running.web, service.running.certificate) as second_desk,
    ):
        phones, desks = {FIRST: first, SECOND: second}, {FIRST: first_desk, SECOND: second_desk}
        for extension, desk in desks.items():
            await sign_in(floor, desk, extension)
        first.command("dial", f"sip:{ABSENT}@127.0.0.1:{service.sip_port}")
        assert (await first.event("CALL_CLOSED"))["param"].startswith("480")
        await agent_is(first_desk, "ready")

        await talk(floor, phones, desks)
        citizen = await floor.call(key="0")
        await citizen.becomes("waiting")
        await asyncio.sleep(2)  # so much is heard
        assert (await citizen.summary())["status"] == "waiting"
        first.command("hangup")
        await second.event("CALL_CLOSED")
        for extension, other in ((FIRST, SECOND), (SECOND, FIRST)):

            async def heard(extension: str = extension, other: str = other) -> bool:
                return abs(heard_hz(folders[extension]) - NOTES_HZ[other]) < 10

            await happens(heard, f"{extension} has heard {other}")

        await citizen.becomes("talking")  # the first, whose turn it is and who answers by itself
        second.command("dial", f"sip:{FIRST}@127.0.0.1:{service.sip_port}")
        assert (await second.event("CALL_CLOSED"))["param"].startswith("486")
        citizen.line.hang_up()
        await agent_is(first_desk, "wrap_up")
        await agent_is(second_desk, "ready")

        async def noted() -> bool:
            done = [(FIRST, "talk_with_colleague", f"{FIRST} {SECOND}"), (FIRST, "call_colleague", f"{FIRST} {SECOND}")]
            return done_by_telephone(floor)[:3] == [*done, (FIRST, "call_colleague", f"{FIRST} {ABSENT}")]

        await happens(noted, "both calls are in the audit trail")
        after = await floor.leader.call("GET", "/api/numbers")
        assert after["offered"] - before["offered"] == 1
        listed = (await floor.leader.call("GET", "/api/calls?limit=50"))["calls"]
        assert not [call for call in listed if call["caller_number"] in NOTES_HZ]
        for desk in desks.values():
            await desk.call("POST", "/api/agent/command", {"command": "sign_out"})
