"""The connection to NATS: up or away, and who wants to know when that changes."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nats
import structlog
from nats.aio.client import Client

from bus.metrics import CONNECTED
from bus.server import read_credentials
from bus.settings import BusSettings
from domain.errors import BusError

logger = structlog.get_logger()
RECONNECT_S = 0.1
PING_S = 10
LOOK_S = 0.001
LONGEST_FLUSH_S = 3600
"""Longer than the client keeps a connection on which nobody answers."""


class NatsLink:
    """A client that reconnects for ever. `listeners` are called after each change of `up`."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.jetstream = client.jetstream(timeout=5)
        self.listeners: list[Callable[[], None]] = []
        self._flushes: set[asyncio.Future[None]] = set()

    @property
    def up(self) -> bool:
        return self.client.is_connected

    async def arrived(self, timeout_s: float) -> None:
        """Wait until NATS has taken all that was sent so far; nats.errors.Error or TimeoutError when it does not.

        The client's own `flush` is not enough: its PING goes to the socket at once, past a SUB that still waits for the
        client's writer, so that its PONG says nothing about the subscription. Nor is it given up when the time is over:
        a PONG for a `flush` that was given up ends the client's reader, and the role is deaf until it connects again.
        """
        async with asyncio.timeout(timeout_s):
            while self.up and self.client.pending_data_size:  # noqa: ASYNC110  # the client tells nobody when it wrote
                await asyncio.sleep(LOOK_S)
            flush = asyncio.ensure_future(self.client.flush(LONGEST_FLUSH_S))
            self._flushes.add(flush)
            flush.add_done_callback(self._flushed)
            await asyncio.shield(flush)

    def _flushed(self, flush: asyncio.Future[None]) -> None:
        self._flushes.discard(flush)
        if not flush.cancelled():
            flush.exception()  # who waited for it has it, or nobody waits any more

    def changed(self) -> None:
        CONNECTED.set(1 if self.up else 0)
        for listener in list(self.listeners):
            listener()

    async def close(self) -> None:
        self.listeners.clear()
        await self.client.close()
        for flush in list(self._flushes):
            flush.cancel()
        CONNECTED.set(0)


def _options(settings: BusSettings, data_dir: Path) -> dict[str, Any]:
    # The client's signature asks for whole seconds of waiting, its code sleeps any number.
    return {**_sign_in(settings, data_dir), "reconnect_time_wait": RECONNECT_S}


def _sign_in(settings: BusSettings, data_dir: Path) -> dict[str, Any]:
    if not settings.url:
        credentials = read_credentials(data_dir)
        return {
            "servers": [f"nats://{settings.host}:{settings.port}"],
            "user": credentials.user,
            "password": credentials.password,
        }
    options: dict[str, Any] = {"servers": [url.strip() for url in settings.url.split(",")]}
    if settings.credentials_file is not None:
        options["user_credentials"] = str(settings.credentials_file)
    elif settings.user:
        options |= {"user": settings.user, "password": settings.password}
    return options


async def open_link(settings: BusSettings, name: str, data_dir: Path) -> NatsLink:
    """Connect; BusError when NATS does not answer within connect_timeout_s, or refuses our credentials."""
    client = Client()
    link = NatsLink(client)

    async def on_change() -> None:
        logger.info("bus connection changed", connected=client.is_connected)
        link.changed()

    last_error = ""

    async def on_error(error: Exception) -> None:
        nonlocal last_error
        last_error = str(error) or type(error).__name__
        if link.up:
            logger.warning("bus error", error=last_error)

    where = settings.url or f"nats://{settings.host}:{settings.port}"
    try:
        async with asyncio.timeout(settings.connect_timeout_s):
            await client.connect(
                **_options(settings, data_dir),
                name=name,
                error_cb=on_error,
                disconnected_cb=on_change,
                reconnected_cb=on_change,
                max_reconnect_attempts=-1,
                connect_timeout=2,
                ping_interval=PING_S,
                max_outstanding_pings=2,
            )
    except (TimeoutError, OSError, nats.errors.Error) as error:
        await client.close()
        raise BusError(
            f"NATS does not answer ({last_error or error})",
            where=where,
            remedy="start it with `hotline up`, or mend bus.url, bus.port and the credentials",
        ) from error
    link.changed()
    return link
