"""The role `switch` as an extension of a PBX (pyVoIP), with sippy as the PBX: a caller gets the hotline's sound."""

import asyncio
from pathlib import Path

import pytest
import structlog

from bus.memory import MemoryBus, MemoryLog
from domain.call import CallAnswered, CallArrived, CallEnded
from domain.topics import CALL_EVENT, PHONE_STATE
from hotline.config import Settings
from hotline.phone_line import PhoneLine
from hotline.roles.context import RoleContext
from hotline.roles.switch import run
from telephony.media.media_plane import RtpMediaPlane
from telephony.ports import Codec, MediaDescription
from telephony.settings import TelephonySettings
from telephony.sip.conf import parse_sip_conf
from tests.telephony.switchboard import Switchboard

pytestmark = pytest.mark.slow
PASSWORD = "secret-100"
DEADLINE_S = 40.0


def settings_of(folder: Path, pbx_port: int) -> Settings:
    """The hotline is extension 100; agent 8001 sits at the PBX."""
    sip_conf = folder / "sip.conf"
    sip_conf.write_text(
        f"[trunk pbx]\nhost = 127.0.0.1:{pbx_port}\nregister = yes\nuser = 100\npassword = {PASSWORD}\n"
        "[extension 8001]\npassword = not-used-here\n"
    )
    return Settings(
        service={"data_dir": folder / "var", "sip_conf": sip_conf},
        telephony={"sip_backend": "pyvoip", "sip_port": 0, "rtp_port_first": 0},
    )


async def test_a_call_to_the_extension_is_the_hotlines(tmp_path):
    pbx = Switchboard(conf=parse_sip_conf(f"[extension 100]\npassword = {PASSWORD}\n"))
    await pbx.endpoint.start()
    plane = RtpMediaPlane(TelephonySettings(rtp_port_first=0))
    await plane.start()
    bus = MemoryBus()
    log = MemoryLog(bus=bus)
    context = RoleContext(settings_of(tmp_path, pbx.endpoint.port), bus, log, "switch-1", structlog.get_logger())
    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as tasks:
        role = tasks.create_task(run(context))
        assert (await pbx.phone_change()).extension == "100"
        citizen = PhoneLine(plane)
        sound = MediaDescription(address="127.0.0.1", port=citizen.media.port, codec=Codec.PCMA, payload=8)
        citizen.leg = pbx.endpoint.place_call(
            "100", caller_number="13812345678", media=sound, events=citizen, timeout_s=10.0
        )
        await citizen.answered(10.0)
        await citizen.hears_sound(25.0)
        (phone,) = [record.value for record in await log.replay(PHONE_STATE, ())]
        assert (phone.extension, phone.registered) == ("8001", True)
        citizen.hang_up()
        await citizen.ended(10.0)
        context.stopping.set()
        await role
    events = [record.value for record in await log.replay(CALL_EVENT, ())]
    assert {type(event) for event in events} >= {CallArrived, CallAnswered, CallEnded}
    assert next(event for event in events if isinstance(event, CallArrived)).caller_number == "13812345678"
    await plane.stop()
    await pbx.endpoint.stop()
