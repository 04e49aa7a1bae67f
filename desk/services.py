"""What the desk's parts share."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from desk.settings import DeskSettings
from domain.directory import Directory
from domain.ports import Bus, EventLog
from service_level.settings import ServiceLevelSettings
from storage.database import Database


def wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class DeskServices:
    """directory: whom calls can be passed to. recordings_dir: where the paths of finished recordings begin.

    now_ms: the wall clock (Unix, ms).
    """

    database: Database
    bus: Bus
    log: EventLog
    recordings_dir: Path
    settings: DeskSettings = field(default_factory=DeskSettings)
    service_level: ServiceLevelSettings = field(default_factory=ServiceLevelSettings)
    directory: Directory = field(default_factory=Directory)
    consumer: str = "desk"
    now_ms: Callable[[], int] = wall_clock_ms
