"""The role `switch` with a flow that says something before it answers: a telephone hears it before 200 OK."""

import asyncio
import socket
from pathlib import Path

import numpy as np
import pytest
import structlog

from bus.memory import MemoryBus, MemoryLog
from domain.call import CallAnswered, CallEnded, PromptPlayed
from domain.g711 import RATE_HZ, alaw_encode
from domain.topics import CALL_EVENT
from hotline.config import Settings
from hotline.prompts import open_prompt_cache
from hotline.roles.context import RoleContext
from hotline.roles.switch import run
from telephony.media.rtp import RtpPacket, parse_rtp
from tests.free_port import free_port
from tests.telephony.wire_phone import WireCall, WirePhone, sdp_of

pytestmark = pytest.mark.slow
DEADLINE_S = 40.0
ANNOUNCED = "通话将被录音。"
FLOW = f"""
language: 1
flow: announced
start: first
person: person
nodes:
  first:
    - announce: {{text: {ANNOUNCED}}}
    - goto: person
  person:
    - queue: {{name: default}}
"""


def settings_of(folder: Path) -> Settings:
    (folder / "sip.conf").write_text("[general]\nallow_guest = loopback\n")
    (folder / "flow.yaml").write_text(FLOW, encoding="utf-8")
    return Settings(
        service={"data_dir": folder / "var", "sip_conf": folder / "sip.conf"},
        telephony={"sip_port": free_port("127.0.0.1"), "rtp_port_first": 0},
        ivr_flows={"file": folder / "flow.yaml"},
    )


async def hears(rtp: socket.socket, sound: bytes) -> None:
    """Most of the sound's frames arrive, as they are."""
    frames = {sound[at : at + 160] for at in range(0, len(sound), 160)}
    heard: set[bytes] = set()
    while len(heard) < 0.7 * len(frames):
        packet = parse_rtp(await asyncio.get_running_loop().sock_recv(rtp, 2048))
        if isinstance(packet, RtpPacket) and packet.payload in frames:
            heard.add(packet.payload)


async def test_what_is_announced_is_heard_before_the_call_is_answered(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    sweep = np.cumsum(np.linspace(400, 1200, 2 * RATE_HZ)) / RATE_HZ  # no two frames of it are alike
    sound = alaw_encode((8000 * np.sin(2 * np.pi * sweep)).astype(np.int16))
    open_prompt_cache(settings).put(ANNOUNCED, sound)
    log = MemoryLog(bus=(bus := MemoryBus()))
    context = RoleContext(settings, bus, log, "switch-1", structlog.get_logger())
    phone = await WirePhone.open(settings.telephony.sip_port)
    call = WireCall(phone)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rtp:
        rtp.setblocking(False)
        rtp.bind(("127.0.0.1", 0))
        async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as tasks:
            role = tasks.create_task(run(context))
            invite = call.request("INVITE", body=sdp_of(rtp.getsockname()[1]))
            while not phone.inbox:  # the role has just begun
                phone.send(invite)
                await asyncio.sleep(0.2)
            early = await phone.take(method="INVITE", status=183, deadline_s=DEADLINE_S)
            await hears(rtp, sound)
            assert not [message for message in phone.inbox if message.status == 200]
            ok = await phone.take(method="INVITE", status=200, deadline_s=DEADLINE_S)
            assert ok.body == early.body
            call.join(ok)
            phone.send(call.request("ACK"))
            assert (await call.ask("BYE")).status == 200
            while not role.done():
                events = [record.value for record in await log.replay(CALL_EVENT, ())]
                if any(isinstance(event, CallEnded) for event in events):
                    context.stopping.set()
                await asyncio.sleep(0.05)
    phone.close()
    kinds = [type(event) for event in events]
    assert kinds.index(PromptPlayed) < kinds.index(CallAnswered) < kinds.index(CallEnded)
