"""Whether a trunk's server is there, from what it answered: pure, one value and one step."""

from enum import StrEnum

import msgspec

DOWN_AFTER = 2
"""Questions in a row without answer after which a trunk counts as down: one datagram may be lost."""
DEAD_STATUSES = frozenset({408, 503})
"""What a server that cannot take calls answers by itself or lets time out; any other answer shows that it is there."""


class Standing(StrEnum):
    """UNKNOWN: never heard of; calls are tried there as if it were up."""

    UNKNOWN = "unknown"
    UP = "up"
    DOWN = "down"


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """silent: questions and calls in a row that were not answered. registered: None where we do not register."""

    standing: Standing = Standing.UNKNOWN
    silent: int = 0
    registered: bool | None = None

    @property
    def is_usable(self) -> bool:
        """Whether calls are worth trying: nothing speaks against it."""
        return self.standing is not Standing.DOWN and self.registered is not False


def is_alive(status: int) -> bool:
    """Whether a final answer to OPTIONS or INVITE shows a server that is there."""
    return status not in DEAD_STATUSES


def heard(health: Health, *, alive: bool) -> Health:
    """After an answer (alive) or the lack of one."""
    if alive:
        return msgspec.structs.replace(health, standing=Standing.UP, silent=0)
    silent = health.silent + 1
    standing = Standing.DOWN if silent >= DOWN_AFTER else health.standing
    return msgspec.structs.replace(health, standing=standing, silent=silent)


def registration_changed(health: Health, *, registered: bool) -> Health:
    """A registrar that takes us is a server that is there."""
    if registered:
        return msgspec.structs.replace(heard(health, alive=True), registered=True)
    return msgspec.structs.replace(health, registered=False)
