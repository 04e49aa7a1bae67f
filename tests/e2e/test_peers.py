"""Stock SIP programs at the whole service: sipp as a caller, baresip as a caller and as an agent's telephone."""

import asyncio
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from hotline.demo_accounts import desk_passwords
from hotline.desk_client import DeskClient
from hotline.sip_accounts import demo_passwords
from tests.e2e.conftest import peer
from tests.e2e.floor import Floor, happens
from tests.e2e.service import free_ports

MODULES = Path("/usr/lib/baresip/modules")
WITHIN_S = 60.0
CALLS = 20


async def test_sipp_calls_five_times_a_second(floor: Floor, tmp_path: Path) -> None:
    """Its built-in scenario, µ-law and no digits offered: every call is answered and ended in order."""
    sipp = await asyncio.create_subprocess_exec(
        peer("sipp", "sip-tester"),
        *("-sn", "uac", "-s", "12345", "-i", "127.0.0.1", "-p", str(free_ports(1))),
        *("-m", str(CALLS), "-r", "5", "-d", "1500", "-nostdin", "-timeout", "40s", "-timeout_error"),
        f"127.0.0.1:{floor.service.sip_port}",
        cwd=tmp_path,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await asyncio.wait_for(sipp.wait(), WITHIN_S) == 0
    await happens(floor.is_idle, "no call is up", WITHIN_S)


def write_baresip_folder(folder: Path, account: str) -> None:
    with wave.open(str(folder / "silence.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16_000 * 60))
    modules = "".join(f"module {name}.so\n" for name in ("g711", "aufile", "account", "menu"))
    (folder / "config").write_text(
        f"sip_listen 127.0.0.1:{free_ports(1)}\nnet_af ipv4\nnet_interface 127.0.0.1\n"
        f"audio_player aufile,/dev/null\naudio_source aufile,{folder}/silence.wav\n"
        f"module_path {MODULES}\n{modules}"
    )
    (folder / "accounts").write_text(account + "\n")


@asynccontextmanager
async def baresip(folder: Path, *, dial: str = "") -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        peer("baresip", "baresip-core"),
        *("-f", str(folder)),
        *(("-e", f"d {dial}") if dial else ()),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), WITHIN_S)


async def test_baresip_calls_and_hangs_up(floor: Floor, tmp_path: Path) -> None:
    port = floor.service.sip_port
    write_baresip_folder(tmp_path, f"<sip:13900000001@127.0.0.1:{port}>;regint=0")
    async with baresip(tmp_path, dial=f"sip:12345@127.0.0.1:{port}"):

        async def waits() -> bool:
            return await floor.waiting() == 1

        await happens(waits, "its caller, who says nothing, reaches the queue", WITHIN_S)
    await happens(floor.is_idle, "its end leaves nothing behind", WITHIN_S)


async def test_baresip_is_an_agents_telephone(floor: Floor, tmp_path: Path) -> None:
    """It registers with digest, rings, answers by itself, and the citizen's hang-up ends its call."""
    service, extension = floor.service, "8002"
    password = demo_passwords(service.settings)[extension]
    write_baresip_folder(
        tmp_path,
        f"<sip:{extension}@127.0.0.1:{service.sip_port}>;auth_user={extension};auth_pass={password};"
        "answermode=auto;regint=60",
    )
    async with baresip(tmp_path), DeskClient(service.running.web) as desk:
        await desk.sign_in(extension, desk_passwords(service.data_dir)[extension])
        for command in ("sign_in", "set_ready"):
            await happens(accepts(desk, command, extension), f"{command} is accepted", WITHIN_S)
        citizen = await floor.call(key="0")
        call = await citizen.becomes("talking")
        assert call["agent_id"] == extension
        citizen.line.hang_up()
        await citizen.is_recorded()
        await happens(accepts(desk, "sign_out", extension), "the agent signs out", WITHIN_S)


def accepts(desk: DeskClient, command: str, extension: str) -> Callable[[], object]:
    async def ask() -> bool:
        body = {"command": command, "extension": extension}
        return bool((await desk.call("POST", "/api/agent/command", body))["accepted"])

    return ask
