"""One process that runs some roles until it is told to stop."""

import asyncio
import os
import signal

import prometheus_client
import structlog
from structlog.typing import FilteringBoundLogger

from bus.connection import connect
from domain.errors import BusError, ConfigError, HotlineError
from hotline.config import Settings
from hotline.logs import configure_logs
from hotline.roles import METRICS_OFFSET, Role, role_main
from hotline.roles.context import RoleContext

EXIT_REFUSED = 78
"""EX_CONFIG: starting again will not help before somebody has done what the message says."""


def run_roles(settings: Settings, roles: list[Role], number: int) -> int:
    """Run `roles` in this process; the exit status. number: tells several processes of one role apart ("listen-2")."""
    name = f"{'-'.join(roles)}-{number}"
    logger = configure_logs(name, form=settings.service.log_format, level=settings.service.log_level)
    status = os.EX_OK
    try:
        asyncio.run(_run(settings, roles, number))
    except* BusError as group:
        status = os.EX_TEMPFAIL  # NATS may come back by itself: the supervisor starts the role again
        _tell(logger, group)
    except* HotlineError as group:
        status = EXIT_REFUSED
        _tell(logger, group)
    except* Exception as group:
        status = os.EX_SOFTWARE
        logger.error("role failed", exc_info=group)
    return status


def _tell(logger: FilteringBoundLogger, group: ExceptionGroup[HotlineError]) -> None:
    """Messages without stack traces: what, where, what to do."""
    for error in group.exceptions:
        if isinstance(error, HotlineError):
            logger.error("role refused to start or go on", reason=error.what, where=error.where, remedy=error.remedy)
        else:
            _tell(logger, error)


async def _run(settings: Settings, roles: list[Role], number: int) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number_of_signal in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number_of_signal, stopping.set)
    async with asyncio.TaskGroup() as tasks:
        for role in roles:
            tasks.create_task(_run_role(settings, role, number, stopping))


async def _run_role(settings: Settings, role: Role, number: int, stopping: asyncio.Event) -> None:
    role_id = f"{role}-{number}"
    main = role_main(role)
    _serve_metrics(settings, role, number)
    connection = await connect(settings.bus, role_id, settings.service.data_dir)
    logger = structlog.get_logger().bind(role=role_id)
    context = RoleContext(settings, connection.bus, connection.log, role_id, logger, stopping, connection.leases)
    try:
        logger.info("role starts")
        await main(context)
    finally:
        await connection.close()
    logger.info("role ended")


def _serve_metrics(settings: Settings, role: Role, number: int) -> None:
    """Prometheus on loopback; further processes of a role take ports 10 apart."""
    base = settings.service.metrics_base_port
    if not base or role not in METRICS_OFFSET:
        return
    port = base + METRICS_OFFSET[role] + 10 * (number - 1)
    try:
        prometheus_client.start_http_server(port, addr="127.0.0.1")
    except OSError as error:
        raise ConfigError(
            f"metrics port {port} is not free ({error.strerror})",
            where="service.metrics_base_port",
            remedy="stop what uses it, choose another port, or 0 for no metrics",
        ) from error
