"""How the tests are divided among processes (`make test` has two): whole files, and the whole service stays with one.

What a file or a room makes once (a model, a database server) is made once, and no two processes load the machine with a
running service each. The one with the service mostly waits for what is being said; the other one needs the core.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

WHOLE_SERVICE = "tests/e2e"


def unit_of(nodeid: str) -> str:
    """What is given to a process as one: the tests of the whole service, or those of a file."""
    return WHOLE_SERVICE if nodeid.startswith(f"{WHOLE_SERVICE}/") else nodeid.split("::", 1)[0]


def dearest_first(items: list[pytest.Item]) -> None:
    """Sort by unit: the whole service, then files with many slow tests, so that short ones even out the end."""
    slow: dict[str, int] = {}
    for item in items:
        unit = unit_of(item.nodeid)
        slow[unit] = slow.get(unit, 0) + any(item.get_closest_marker(name) for name in ("slow", "e2e"))
    items.sort(key=lambda item: (unit_of(item.nodeid) != WHOLE_SERVICE, -slow[unit_of(item.nodeid)]))


class WholeFiles(LoadScopeScheduling):
    """Units in the order of the items."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)
