"""Stock SIP programs as a test runs them: sipp by scenario, baresip over its control port, linphonec by its console."""

import asyncio
import json
import shutil
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from telephony.media.real_time import be_ordinary
from telephony.sip.addresses import bracketed
from tests.free_port import free_port
from tests.telephony.sipp_script import SippScript
from tests.telephony.switchboard import Heard

DEADLINE_S = 30.0
BARESIP_MODULES = Path("/usr/lib/baresip/modules")
_QUIET = {
    "stdout": asyncio.subprocess.DEVNULL,
    "stderr": asyncio.subprocess.DEVNULL,
    "preexec_fn": be_ordinary,  # the tests' own media makes this thread one in real time
}


def program(name: str, package: str) -> str:
    """Its path; the test is skipped where it is not installed."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed (Debian: {package})")
    return path


async def start_sipp(
    folder: Path,
    script: SippScript,
    port: int,
    *,
    calls: int = 1,
    remote: int = 0,
    host: str = "127.0.0.1",
    remote_host: str = "",
    transport: str = "u1",
) -> asyncio.subprocess.Process:
    """sipp with this scenario on `port` of `host`, towards `remote` where it is the caller.

    remote_host: the other side's, where it is another. transport: as sipp names them, u1 for UDP and t1 for TCP.
    """
    target = [f"{bracketed(remote_host or host)}:{remote}"] if remote else []
    return await asyncio.create_subprocess_exec(
        program("sipp", "sip-tester"),
        *("-sf", str(script.write(folder)), "-s", "12345", "-i", host, "-mi", host, "-p", str(port)),
        *("-m", str(calls), "-r", "20", "-nostdin", "-timeout", f"{DEADLINE_S:.0f}s", "-timeout_error", "-trace_err"),
        *("-t", transport),
        *target,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        **_QUIET,  # mypy takes each value for each parameter
    )


async def succeeds(sipp: asyncio.subprocess.Process, folder: Path) -> None:
    async with asyncio.timeout(DEADLINE_S + 5):
        status = await sipp.wait()
    assert status == 0, _errors_in(folder)


def _errors_in(folder: Path) -> str:
    """What sipp complained of."""
    return "".join(file.read_text(errors="replace") for file in folder.glob("*_errors.log"))[:3000]


async def end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    async with asyncio.timeout(DEADLINE_S):
        await process.wait()


async def until(heard: Heard, name: str, *passed: str) -> Any:
    """The value of the first event of this name; only progress, and events that are `passed`, may come before."""
    while (event := await asyncio.wait_for(heard.events.get(), DEADLINE_S))[0] != name:
        assert event[0] in ("progress", "early", *passed), event
    return event[1]


def write_sound(file: Path, pcm: bytes = bytes(16_000 * 30)) -> None:
    """pcm: 16 bits, 8 kHz; without it 30 s of silence."""
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(pcm)


class Baresip:
    """A running baresip, steered over its control port. sip_port: where it is called without registering."""

    def __init__(self, sip_port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sip_port = sip_port
        self._reader = reader
        self._writer = writer

    def command(self, name: str, parameters: str = "") -> None:
        """As typed after `/`, for example dial, hold, transfer."""
        text = json.dumps({"command": name, "params": parameters, "token": ""})
        self._writer.write(f"{len(text)}:{text},".encode())

    async def event(self, kind: str) -> dict[str, Any]:
        """The next event of this type, for example CALL_ESTABLISHED."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                length = int((await self._reader.readuntil(b":"))[:-1])
                message: dict[str, Any] = json.loads((await self._reader.readexactly(length + 1))[:-1])
                if message.get("type") == kind:
                    return message


def write_baresip_folder(folder: Path, sip_port: int, control: int, account: str) -> None:
    """What it says is in said.wav, silence unless the test has put it there; what it hears comes into *-dec.wav."""
    folder.mkdir(exist_ok=True)
    if not (folder / "said.wav").exists():
        write_sound(folder / "said.wav")
    modules = "".join(
        f"module {name}.so\n" for name in ("g711", "aufile", "aubridge", "sndfile", "account", "menu", "ctrl_tcp")
    )
    (folder / "config").write_text(
        f"sip_listen 127.0.0.1:{sip_port}\nnet_af ipv4\nnet_interface 127.0.0.1\n"
        f"audio_player aubridge,nobody\nsnd_path {folder}\naudio_source aufile,{folder}/said.wav\n"
        f"ctrl_tcp_listen 127.0.0.1:{control}\nmodule_path {BARESIP_MODULES}\n{modules}"
    )
    (folder / "accounts").write_text(f"{account}\n")


@asynccontextmanager
async def baresip(
    folder: Path,
    server_port: int,
    *,
    user: str = "8001",
    password: str = "",
    account: str = "answermode=auto",
    port: int = 0,
) -> AsyncIterator[Baresip]:
    """A telephone of baresip on `port` (0: any); it registers when it has a password. account: more of its account."""
    sip_port, control = port or free_port(), free_port()
    registers = f"auth_user={user};auth_pass={password};regint=60" if password else "regint=0"
    write_baresip_folder(folder, sip_port, control, f"<sip:{user}@127.0.0.1:{server_port}>;{registers};{account}")
    process = await asyncio.create_subprocess_exec(
        program("baresip", "baresip-core"),
        *("-f", str(folder)),
        stdin=asyncio.subprocess.DEVNULL,
        **_QUIET,  # as above
    )
    writer = None
    try:
        reader, writer = await _connect(control)
        yield Baresip(sip_port, reader, writer)
    finally:
        if writer is not None:
            writer.close()
        await end(process)


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)


class Linphone:
    """A running linphonec. sip_port: where it is called without registering."""

    def __init__(self, sip_port: int, process: asyncio.subprocess.Process) -> None:
        self.sip_port = sip_port
        self._process = process

    def command(self, text: str) -> None:
        """A line at its console, for example `call sip:…`, `pause`, `transfer 1 sip:…`."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n".encode())


def write_linphone_folder(folder: Path, sip_port: int, server_port: int, user: str, password: str) -> None:
    (folder / ".local" / "share" / "linphone").mkdir(parents=True, exist_ok=True)
    here = f"127.0.0.1:{server_port}"
    account = (
        f"[auth_info_0]\nusername={user}\nuserid={user}\npasswd={password}\nrealm=hotline12345\n\n"
        f"[proxy_0]\nreg_proxy=<sip:{here};transport=udp>\nreg_identity=sip:{user}@{here}\n"
        "reg_expires=60\nreg_sendregister=1\npublish=0\n\n"
    )
    (folder / "linphonerc").write_text(
        f"[sip]\nsip_port={sip_port}\nsip_tcp_port=0\nsip_tls_port=0\nuse_ipv6=0\n"
        f"default_proxy={0 if password else -1}\n\n"
        f"[rtp]\naudio_rtp_port={free_port()}\n\n{account if password else ''}"
    )


@asynccontextmanager
async def linphone(
    folder: Path, server_port: int, *, user: str = "8001", password: str = "", answers: bool = True
) -> AsyncIterator[Linphone]:
    """A telephone of linphonec; it registers when it has a password."""
    sip_port = free_port()
    write_linphone_folder(folder, sip_port, server_port, user, password)
    process = await asyncio.create_subprocess_exec(
        program("linphonec", "linphone-cli"),
        *("-c", str(folder / "linphonerc"), *(("-a",) if answers else ())),
        stdin=asyncio.subprocess.PIPE,
        cwd=folder,
        env={
            "HOME": str(folder),
            "PATH": "/usr/bin:/bin",
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
        },
        **_QUIET,  # as above
    )
    phone = Linphone(sip_port, process)
    phone.command("soundcard use files")
    try:
        yield phone
    finally:
        phone.command("quit")
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
