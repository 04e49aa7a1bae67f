"""The endpoint against real SIP programs: sipp in both roles, and baresip as an agent's telephone."""

import asyncio
import shutil
import socket
import sys
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from telephony.ports import InboundCall, SipLeg
from tests.telephony.switchboard import OUR_SOUND, PASSWORD, Heard, Switchboard

SCENARIOS = Path(__file__).parent / "scenarios"
DEADLINE_S = 30.0
BARESIP_MODULES = Path("/usr/lib/baresip/modules")

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str, package: str) -> str:
    """Its path; the test is skipped where it is not installed."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed (Debian: {package})")
    return path


async def start_sipp(
    folder: Path, scenario: str, port: int, *, calls: int = 1, remote: int = 0
) -> asyncio.subprocess.Process:
    """sipp with this scenario on `port`, towards `remote` where it is the caller."""
    target = [f"127.0.0.1:{remote}"] if remote else []
    return await asyncio.create_subprocess_exec(
        program("sipp", "sip-tester"),
        *("-sf", str(SCENARIOS / f"{scenario}.xml"), "-s", "12345", "-i", "127.0.0.1", "-p", str(port)),
        *("-m", str(calls), "-r", "20", "-nostdin", "-timeout", f"{DEADLINE_S:.0f}s", "-timeout_error", "-trace_err"),
        *target,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


def errors_of(folder: Path) -> str:
    """What sipp complained of."""
    return "".join(file.read_text(errors="replace") for file in folder.glob("*_errors.log"))[:2000]


async def succeeds(process: asyncio.subprocess.Process, folder: Path) -> None:
    async with asyncio.timeout(DEADLINE_S + 5):
        status = await process.wait()
    assert status == 0, errors_of(folder)


def ring(_call: InboundCall, leg: SipLeg) -> None:
    leg.ring()


def answer_and_hang_up(_call: InboundCall, leg: SipLeg) -> None:
    leg.answer(OUR_SOUND)
    asyncio.get_running_loop().call_later(0.2, leg.hang_up)


@pytest.mark.parametrize(
    ("scenario", "take_call", "ended"),
    [
        ("caller_hangs_up", None, (True, 200)),
        ("we_hang_up", answer_and_hang_up, (False, 0)),
        ("caller_cancels", ring, (True, 487)),
        ("hold_and_resume", None, (True, 200)),
    ],
)
async def test_sipp_calls(
    board: Switchboard,
    tmp_path: Path,
    scenario: str,
    take_call: Callable[[InboundCall, SipLeg], None] | None,
    ended: tuple[bool, int],
) -> None:
    if take_call is not None:
        board.take_call = take_call
    await succeeds(await start_sipp(tmp_path, scenario, free_port(), calls=10, remote=board.endpoint.port), tmp_path)
    for _ in range(10):
        heard = (await board.arrival()).heard
        while (event := await asyncio.wait_for(heard.events.get(), DEADLINE_S))[0] != "ended":
            assert event[0] == "changed"
        assert event[1] == ended
    assert board.arrivals.empty()
    assert REGISTRY.get_sample_value("hotline_telephony_sip_legs", {"direction": "inbound"}) == 0


async def test_sipp_asks_for_options(board: Switchboard, tmp_path: Path) -> None:
    await succeeds(await start_sipp(tmp_path, "options", free_port(), calls=10, remote=board.endpoint.port), tmp_path)


async def test_sipp_is_called(board: Switchboard, tmp_path: Path) -> None:
    port = free_port()
    sipp = await start_sipp(tmp_path, "phone_answers", port)
    heard = Heard()
    # sipp says nothing when it listens; our INVITE is repeated until it does.
    leg = board.endpoint.place_call(
        f"sip:8001@127.0.0.1:{port}", caller_number="13812345678", media=OUR_SOUND, events=heard, timeout_s=10.0
    )
    assert await heard.next("progress") == 180
    assert (await heard.next("answered")).port == 40000
    leg.hang_up()
    assert await heard.next("ended") == (False, 0)
    await succeeds(sipp, tmp_path)


def write_baresip_folder(folder: Path, server_port: int, own_port: int) -> None:
    """Configuration of a telephone that registers as 8001 and answers by itself."""
    with wave.open(str(folder / "silence.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16_000 * 30))
    modules = "".join(f"module {name}.so\n" for name in ("g711", "aufile", "account", "menu"))
    (folder / "config").write_text(
        f"sip_listen 127.0.0.1:{own_port}\nnet_af ipv4\nnet_interface 127.0.0.1\n"
        f"audio_player aufile,/dev/null\naudio_source aufile,{folder}/silence.wav\n"
        f"module_path {BARESIP_MODULES}\n{modules}"
    )
    (folder / "accounts").write_text(
        f"<sip:8001@127.0.0.1:{server_port}>;auth_user=8001;auth_pass={PASSWORD};answermode=auto;regint=60\n"
    )


async def start_baresip(folder: Path, *, dial: str = "") -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        program("baresip", "baresip-core"),
        *("-f", str(folder)),
        *(("-e", f"d {dial}") if dial else ()),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def end(process: asyncio.subprocess.Process) -> None:
    process.terminate()
    async with asyncio.timeout(DEADLINE_S):
        await process.wait()


async def until(heard: Heard, name: str) -> Any:
    """The value of the first event of this name; only progress may come before."""
    while (event := await asyncio.wait_for(heard.events.get(), DEADLINE_S))[0] != name:
        assert event[0] == "progress", event
    return event[1]


async def test_baresip_registers_is_called_and_leaves(board: Switchboard, tmp_path: Path) -> None:
    write_baresip_folder(tmp_path, board.endpoint.port, free_port())
    baresip = await start_baresip(tmp_path)
    try:
        change = await board.phone_change()
        assert (change.extension, change.registered) == ("8001", True)
        heard = Heard()
        leg = board.endpoint.place_call(
            "8001", caller_number="13812345678", media=OUR_SOUND, events=heard, timeout_s=10.0
        )
        assert (await until(heard, "answered")).digits_payload == 101
        leg.hang_up()
        assert await heard.next("ended") == (False, 0)
    finally:
        await end(baresip)
    gone = await board.phone_change()
    assert (gone.extension, gone.registered) == ("8001", False)


async def test_baresip_calls_us_as_an_extension_with_its_password(board: Switchboard, tmp_path: Path) -> None:
    write_baresip_folder(tmp_path, board.endpoint.port, free_port())
    baresip = await start_baresip(tmp_path, dial=f"sip:12345@127.0.0.1:{board.endpoint.port}")
    try:
        arrival = await board.arrival()
        assert (arrival.call.caller_number, arrival.call.trunk) == ("8001", "extension")
    finally:
        await end(baresip)
    assert await arrival.heard.next("ended", DEADLINE_S) == (True, 200)


async def test_our_own_endpoint_is_a_phone_that_registers_and_is_called(board: Switchboard) -> None:
    robot = await asyncio.create_subprocess_exec(
        sys.executable,
        *(str(Path(__file__).parent / "robot_phone.py"), str(board.endpoint.port), "8001", PASSWORD),
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
