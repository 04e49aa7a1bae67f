"""`hotline demo`: the main job, proven with a real SIP call, step by step."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from hotline.booth import PhoneBooth
from hotline.config import Settings
from hotline.demo_checks import check_call, check_draft, check_numbers, check_recording, check_transcript
from hotline.demo_emergency import EmergencyProof
from hotline.demo_talk import Talk
from hotline.desk_client import DeskClient
from hotline.phone_line import PhoneLine
from hotline.robot_agent import RobotAgent
from hotline.running import RunningService
from hotline.steps import Steps

ANSWER_TIMEOUT_S = 5.0
AGENT_TIMEOUT_S = 40.0
LAST_WORDS_WITHIN_S = 20.0
QUIET_S = 3.0
"""Nothing new on the page for so long: the last words have come, also where recognition takes seconds."""
RECORDING_TIMEOUT_S = 20.0
_OF_WORDS = {"utterance", "ticket", "suggestions"}


@dataclass(frozen=True)
class Proof:
    """What came of one call: the steps, and the call as the desk shows it at the end."""

    steps: Steps
    call: dict[str, Any]


async def prove(settings: Settings, service: RunningService, talk: Talk, console: Console, *, quiet: bool) -> Proof:
    """Place the call, hold the conversation, check everything that must come of it."""
    steps = Steps(console, quiet)
    steps.check("service is up", True, f"SIP {service.sip}, page {service.web}/desk")
    async with PhoneBooth() as booth, DeskClient(service.web, service.certificate) as desk:
        robot = RobotAgent(settings, service, booth, desk)
        await robot.register()
        steps.check("agent's telephone registers", True, "extension 8004, digest")
        status = await robot.sign_in()
        steps.check("agent signs in", status.get("state") == "ready", f"state {status.get('state')}", status=status)
        try:
            call_id = await _hold(steps, service, booth, desk, talk)
            call = await _after(steps, desk, robot, talk, call_id)
            await EmergencyProof(steps, settings, service, booth, desk).prove()
        finally:
            await robot.command("sign_out")
    return Proof(steps, call)


async def _hold(steps: Steps, service: RunningService, booth: PhoneBooth, desk: DeskClient, talk: Talk) -> str:
    """From INVITE to BYE; the call's id."""
    citizen, robot_phone = await _reach_agent(steps, service, booth, talk)
    offer = await desk.wait_for("offer", 5)
    call_id = str(offer.body["offer"]["call_id"])
    steps.check("page pops", bool(call_id), f"call {call_id}")
    said_s = await talk.converse(citizen, robot_phone)
    steps.check("conversation held", said_s > 0 and not citizen.over, f"{said_s:.0f} s", seconds=round(said_s, 1))
    await asyncio.sleep(talk.linger_s)
    citizen.hang_up()
    await robot_phone.ended(5)
    steps.check("hang-up reaches the agent", True)
    return call_id


async def _reach_agent(
    steps: Steps, service: RunningService, booth: PhoneBooth, talk: Talk
) -> tuple[PhoneLine, PhoneLine]:
    dialled = time.monotonic()
    citizen = booth.call(f"sip:12345@{service.sip}", talk.caller_number)
    await citizen.answered(ANSWER_TIMEOUT_S)
    answer_ms = (citizen.answered_at - dialled) * 1000
    steps.check(
        "call is answered", True, f"INVITE → 200 OK in {answer_ms:.0f} ms", invite_to_200_ms=round(answer_ms, 1)
    )
    await citizen.hears_sound(3)
    prompt_ms = (citizen.first_sound_at - citizen.answered_at) * 1000
    steps.check("greeting is heard", True, f"{prompt_ms:.0f} ms after ACK", first_prompt_ms=round(prompt_ms))
    await talk.tell_menu(citizen)
    robot_phone = await asyncio.wait_for(booth.arrived.get(), AGENT_TIMEOUT_S)
    reached_s = time.monotonic() - dialled
    steps.check("agent's telephone rings", True, f"{reached_s:.1f} s after dialling", reached_s=round(reached_s, 2))
    return citizen, robot_phone


async def _after(steps: Steps, desk: DeskClient, robot: RobotAgent, talk: Talk, call_id: str) -> dict[str, Any]:
    """What must be there once the call is over; the call as the desk shows it."""
    await _last_words(desk)
    call = await _recorded(desk, call_id)
    check_call(steps, call)
    check_transcript(steps, desk, call, talk)
    check_draft(steps, desk, call, talk)
    await check_recording(steps, desk, call)
    await _submit(steps, desk, call)
    await robot.command("set_ready")
    await check_numbers(steps, desk)
    return await desk.call("GET", f"/api/calls/{call_id}")


async def _last_words(desk: DeskClient) -> None:
    """Until no more words, draft or article has come to the page for a while."""
    deadline = time.monotonic() + LAST_WORDS_WITHIN_S
    known, since = -1, time.monotonic()
    while time.monotonic() < min(deadline, since + QUIET_S):
        if (come := sum(message.type in _OF_WORDS for message in desk.live)) > known:
            known, since = come, time.monotonic()
        await asyncio.sleep(0.1)


async def _recorded(desk: DeskClient, call_id: str) -> dict[str, Any]:
    """The call, as soon as its recording is listed."""
    deadline = time.monotonic() + RECORDING_TIMEOUT_S
    while True:
        call = await desk.call("GET", f"/api/calls/{call_id}")
        if call["recording"] or time.monotonic() > deadline:
            return call
        await asyncio.sleep(0.2)


async def _submit(steps: Steps, desk: DeskClient, call: dict[str, Any]) -> None:
    """The agent fills in what no words gave, and submits."""
    ticket, call_id = call["ticket"], call["call_id"]
    fill = {
        name: "（通话中未提及）" for name in ("title", "summary", "location") if not ticket["fields"][name]["value"]
    }
    if not ticket["fields"]["appeal_type"]["value"]:
        fill["appeal_type"] = "求助"
    if fill:
        body = {"fields": fill, "version": ticket["version"]}
        await desk.call("PATCH", f"/api/calls/{call_id}/ticket", body)
    submitted = await desk.call("POST", f"/api/calls/{call_id}/ticket/submit")
    steps.check("ticket is submitted", bool(submitted["number"]), submitted["number"], typed_by_hand=list(fill))
