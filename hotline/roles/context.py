"""What each role is given when it starts."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from domain.ports import Bus, EventLog
from hotline.config import Settings


@dataclass(frozen=True)
class RoleContext:
    """role_id: unique among the processes ("switch-1"), a safe bus token. stopping: set when the role shall end."""

    settings: Settings
    bus: Bus
    log: EventLog
    role_id: str
    logger: FilteringBoundLogger
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def data_dir(self) -> Path:
        return self.settings.service.data_dir
