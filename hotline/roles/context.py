"""What each role is given when it starts."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from bus.memory_lease import MemoryLeases
from domain.ports import Bus, EventLog, Leases
from hotline.config import Settings


@dataclass(frozen=True)
class RoleContext:
    """role_id: unique among the processes ("switch-1"), a safe bus token. stopping: set when the role shall end.

    leases: who may lead among the processes of one role; by default this process has no rival.
    """

    settings: Settings
    bus: Bus
    log: EventLog
    role_id: str
    logger: FilteringBoundLogger
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    leases: Leases = field(default_factory=MemoryLeases)

    @property
    def data_dir(self) -> Path:
        return self.settings.service.data_dir
