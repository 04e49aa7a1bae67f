"""One role's whole connection to NATS."""

from dataclasses import dataclass
from pathlib import Path

from bus.event_log import JetStreamLog
from bus.lease import NatsLeases
from bus.link import NatsLink, open_link
from bus.nats_bus import NatsBus
from bus.settings import BusSettings
from domain.ports import Bus, EventLog, Leases


@dataclass(frozen=True)
class BusConnection:
    """What a role speaks and hears with. up: NATS answers now (for /healthz)."""

    bus: Bus
    log: EventLog
    leases: Leases
    _link: NatsLink
    _jetstream_log: JetStreamLog

    @property
    def up(self) -> bool:
        return self._link.up

    async def close(self) -> None:
        """Stop appending, and leave NATS; events that wait stay on disk."""
        await self._jetstream_log.close()
        await self._link.close()


async def connect(settings: BusSettings, role_id: str, data_dir: Path) -> BusConnection:
    """Connect `role_id` and make sure that the streams are there. BusError when NATS does not answer or refuses."""
    link = await open_link(settings, role_id, data_dir)
    log = JetStreamLog(link, settings, data_dir / "spool" / f"{role_id}.jsonl")
    try:
        await log.start()
    except BaseException:
        await link.close()
        raise
    return BusConnection(NatsBus(link), log, NatsLeases(link, role_id), link, log)
