"""We as a recognition server: vosk-server's WebSocket protocol, for whoever speaks it (asr.vosk_protocol).

Guests share the listener's engine, but have one worker of their own, so that they cannot take all of it from the calls.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from asr.guest import Guest
from asr.job_queue import Job
from asr.metrics import GUESTS
from asr.recogniser import Heard, Recogniser
from asr.scheduler import Scheduler
from asr.settings import AsrSettings
from asr.vad import OpenDetector
from asr.vosk_protocol import read_request, spoken_message
from domain.errors import ConfigError, HotlineError

_LOG = structlog.get_logger(__name__)
_LARGEST_MESSAGE = 1 << 20
_IDLE_S = 60.0
_UNSUPPORTED, _BUSY = 1003, 1013
_REASON_BYTES = 120
"""A close frame holds 123 (RFC 6455 §5.5)."""


@asynccontextmanager
async def guest_server(
    settings: AsrSettings, engine: Recogniser, open_detector: OpenDetector
) -> AsyncIterator[tuple[str, int]]:
    """Serve while the context lasts; gives the address. ConfigError when the port is not free."""
    house = _House(settings, engine, open_detector)
    try:
        server = await serve(
            house.receive, settings.serve_host, settings.serve_port, max_size=_LARGEST_MESSAGE, compression=None
        )
    except OSError as error:
        house.close()
        raise ConfigError(
            f"guests cannot be served on {settings.serve_host}:{settings.serve_port} ({error.strerror})",
            where="[asr] serve_port",
            remedy="stop what uses the port, or choose another",
        ) from error
    try:
        yield _address(server)
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.to_thread(house.close)


class _House:
    """All guests."""

    def __init__(self, settings: AsrSettings, engine: Recogniser, open_detector: OpenDetector) -> None:
        self._settings = settings
        self._open_detector = open_detector
        self._guests: dict[str, Guest] = {}
        self._loop = asyncio.get_running_loop()
        self._scheduler = Scheduler(engine, self._on_done, workers=1, batch=settings.batch)

    async def receive(self, connection: ServerConnection) -> None:
        """One guest, from the handshake to the end."""
        if len(self._guests) >= self._settings.serve_guests:
            await connection.close(_BUSY, f"all {self._settings.serve_guests} places are taken")
            return
        guest = Guest(self._settings, self._open_detector, self._scheduler.submit)
        self._guests[guest.name] = guest
        GUESTS.set(len(self._guests))
        try:
            await _converse(connection, guest)
        except HotlineError as error:
            _LOG.warning("guest sent away", guest=guest.name, reason=error.what, remedy=error.remedy)
            await connection.close(_UNSUPPORTED, _short(f"{error.what}: {error.remedy}"))
        except TimeoutError:
            await connection.close(_BUSY, f"nothing came for {_IDLE_S:.0f} s")
        except ConnectionClosed:
            _LOG.info("guest left without an end", guest=guest.name)
        finally:
            del self._guests[guest.name]
            GUESTS.set(len(self._guests))
            self._scheduler.forget(guest.name)

    def close(self) -> None:
        self._scheduler.close(1.0)

    def _on_done(self, job: Job, heard: Heard | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._answer, job, heard)

    def _answer(self, job: Job, heard: Heard | None) -> None:
        guest = self._guests.get(job.stream)
        if guest is not None:
            guest.answer(job, heard)


async def _converse(connection: ServerConnection, guest: Guest) -> None:
    """Each piece of sound is answered by one message, and so is the end."""
    while True:
        async with asyncio.timeout(_IDLE_S):
            message = await connection.recv()
        if isinstance(message, bytes):
            await connection.send(spoken_message(await guest.hear(message)))
            continue
        config = read_request(message, guest.name)
        if config is None:
            await connection.send(spoken_message(await guest.finish()))
            return
        guest.configure(config)


def _address(server: Server) -> tuple[str, int]:
    host, port = next(iter(server.sockets)).getsockname()[:2]
    return str(host), int(port)


def _short(reason: str) -> str:
    return reason.encode()[:_REASON_BYTES].decode(errors="ignore")
