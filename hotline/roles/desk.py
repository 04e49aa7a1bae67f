"""The desk: web API, pages, users, the database."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn

from desk.app import create_app
from desk.demo_users import ensure_demo_users
from desk.services import DeskServices
from desk.settings import DeskSettings
from domain.errors import ConfigError
from hotline.desk_tls import DeskTls, prepare_tls
from hotline.directory import open_directory
from hotline.roles.context import RoleContext
from storage.address import database_url
from storage.database import Database
from storage.migration import upgrade

_CLOSE_WITHIN_S = 5


async def run(context: RoleContext) -> None:
    """Serve until the context stops. ConfigError when the port is taken, StorageError when there is no database."""
    settings = context.settings
    tls = prepare_tls(settings.desk, context.data_dir)
    listener = _listen(settings.desk)
    url = database_url(settings.storage, context.data_dir)
    await asyncio.to_thread(upgrade, url)
    database = Database(url, settings.storage)
    try:
        if settings.service.demo:
            await ensure_demo_users(database, context.data_dir)
        services = DeskServices(
            database=database,
            bus=context.bus,
            log=context.log,
            recordings_dir=context.data_dir / "recordings",
            settings=settings.desk,
            service_level=settings.service_level,
            directory=open_directory(settings),
            consumer=context.role_id,
        )
        await _serve(context, services, listener, tls)
    finally:
        listener.close()
        await database.close()


class _Server(uvicorn.Server):
    """Leaves the process's signals alone: the role is told to stop by its context."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(context: RoleContext, services: DeskServices, listener: socket.socket, tls: DeskTls | None) -> None:
    settings = services.settings
    config = uvicorn.Config(
        create_app(services),
        log_config=None,
        access_log=False,
        server_header=False,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        ws_max_size=65536,
        h11_max_incomplete_event_size=65536,
        timeout_graceful_shutdown=_CLOSE_WITHIN_S,
    )
    server = _Server(config)
    address, port = listener.getsockname()[:2]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(context.stopping.wait())
    context.logger.info("desk listens", url=f"{settings.scheme}://{address}:{port}/")
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        server.should_exit = True
        await serving
    if not context.stopping.is_set():
        raise ConfigError("the web server ended by itself", where="desk", remedy="see the log above")


def _listen(settings: DeskSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror})",
            where="desk.port",
            remedy="stop what uses the port, or choose another",
        ) from error
    return listener
