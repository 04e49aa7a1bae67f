"""Which trunks a call to outside tries, in which order, and after which failures it goes on to the next: pure."""

from collections.abc import Mapping

import msgspec

from telephony.trunks.numbering import Number
from telephony.trunks.trunk import Trunk, fits
from telephony.trunks.trunk_health import Health

AUTHENTICATION_STATUSES = frozenset({401, 407})


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """trunks: in the order of trying; () with the status and reason that the call ends with."""

    trunks: tuple[Trunk, ...] = ()
    status: int = 0
    reason: str = ""


def route(
    trunks: tuple[Trunk, ...], number: Number, health: Mapping[str, Health], calls_out: Mapping[str, int]
) -> Route:
    """health, calls_out: by trunk. A trunk that is down or full is left out; when all are down they are tried anyway,

    since a call that may fail is better than one that must.
    """
    carrying = [trunk for trunk in trunks if trunk.outward is not None and fits(number.digits, trunk.outward.dials)]
    if not carrying:
        return Route(status=404, reason="no trunk for this number")
    free = [t for t in carrying if t.most_out is None or calls_out.get(t.name, 0) < t.most_out]
    if not free:
        return Route(status=503, reason="all trunks for this number are full")
    free.sort(key=lambda trunk: trunk.outward.order if trunk.outward else 0)
    usable = [trunk for trunk in free if health.get(trunk.name, Health()).is_usable]
    return Route(trunks=tuple(usable or free))


def tries_next(status: int, *, silent: bool) -> bool:
    """Whether a refusal is the trunk's and not the called person's. silent: there was no answer at all.

    401 and 407 that remain mean that the trunk does not accept our account.
    """
    return 500 <= status < 600 or status in AUTHENTICATION_STATUSES or (status == 408 and silent)
