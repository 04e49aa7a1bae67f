"""The six roles: each is one process type."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from importlib import import_module
from typing import cast

from hotline.roles.context import RoleContext


class Role(StrEnum):
    """In the order in which they are started; they are stopped the other way round."""

    QUEUE = "queue"
    LISTEN = "listen"
    ASSIST = "assist"
    INSPECT = "inspect"
    DESK = "desk"
    SWITCH = "switch"


METRICS_OFFSET = {Role.SWITCH: 0, Role.QUEUE: 1, Role.LISTEN: 2, Role.ASSIST: 3, Role.INSPECT: 4}
"""Which port after metrics_base_port a role's Prometheus endpoint has; the desk serves /metrics itself."""


def role_main(role: Role) -> Callable[[RoleContext], Awaitable[None]]:
    """The role's `run`; imported here so that a process loads only what its own role needs."""
    module = import_module(f"hotline.roles.{role.value}")
    return cast(Callable[[RoleContext], Awaitable[None]], module.run)
