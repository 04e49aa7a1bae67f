"""Who sits at which telephone, as the queue says it; and what the digits mean that an agent dials."""

import structlog

from domain.agent import AgentState, AgentStatus
from domain.directory import Directory
from domain.errors import BusError
from domain.ports import Bus, EventLog, Subscription
from domain.target import Target, TargetKind
from domain.topics import AGENT_STATE

logger = structlog.get_logger()
_SHORTEST_NUMBER = 5


class Seats:
    """extensions: the telephones of this installation. Hears agents' states between `start` and `stop`."""

    def __init__(self, bus: Bus, log: EventLog, directory: Directory, extensions: frozenset[str]) -> None:
        self.directory = directory
        self._bus = bus
        self._log = log
        self._extensions = extensions
        self._agents: dict[str, AgentStatus] = {}
        self._subscription: Subscription | None = None

    async def start(self) -> None:
        """Begin to hear; without the bus one begins with nobody."""
        self._subscription = await self._bus.subscribe(AGENT_STATE, (), self._on_status)
        try:
            for record in await self._log.replay(AGENT_STATE, ()):
                await self._on_status("", record.value)
        except BusError as error:
            logger.warning("who sits where is not known yet", error=error.what)

    async def stop(self) -> None:
        if self._subscription is not None:
            await self._subscription.close()

    def target(self, dialled: str) -> Target | None:
        """What was dialled: a short code of the directory, a colleague's extension, or a number outside.

        None when it is nothing of these.
        """
        entry = self.directory.by_code(dialled)
        if entry is not None:
            return entry.target
        for agent in self._agents.values():
            if dialled in (agent.extension, agent.agent_id):
                return Target(kind=TargetKind.AGENT, value=agent.extension, agent_id=agent.agent_id, name=agent.name)
        if dialled in self._extensions:
            return Target(kind=TargetKind.AGENT, value=dialled, agent_id=dialled)
        is_number = dialled.lstrip("+").isdigit() and len(dialled) >= _SHORTEST_NUMBER
        return Target(kind=TargetKind.NUMBER, value=dialled) if is_number else None

    def agent_at(self, extension: str) -> AgentStatus | None:
        """Who is signed in at this telephone."""
        return next((agent for agent in self._agents.values() if agent.extension == extension), None)

    async def _on_status(self, _subject: str, status: AgentStatus) -> None:
        if status.state is AgentState.SIGNED_OUT:
            self._agents.pop(status.agent_id, None)
        else:
            self._agents[status.agent_id] = status
