"""110, 119 and 120 by the keys of an agent's telephone: the same as on the desk, with the ticket's location."""

import structlog

from domain.command import PassCall
from domain.directory import Directory
from domain.errors import BusError, RefusedError
from domain.ports import Bus
from domain.talk import Passing
from domain.target import Target
from domain.ticket import AskLocation
from domain.topics import TICKET_LOCATION
from telephony.calls.conversation import Conversation
from telephony.calls.whisper import Spawn

logger = structlog.get_logger()
LOCATION_WITHIN_S = 0.5
"""Nobody in need waits longer for a desk that does not answer: the hand-over goes on without the location."""


class KeyedHandOver:
    """For one call. spawn: runs what has to be waited for, for as long as the call lasts."""

    def __init__(
        self,
        call_id: str,
        bus: Bus,
        directory: Directory,
        conversation: Conversation,
        spawn: Spawn,
    ) -> None:
        self._call_id = call_id
        self._bus = bus
        self._directory = directory
        self._conversation = conversation
        self._spawn = spawn

    def begin(self, agent_id: str, code: str) -> None:
        """code: 110, 119 or 120. RefusedError when the directory has none of this code."""
        entry = self._directory.emergency(code)
        if entry is None:
            raise RefusedError(f"the directory has no {code}", where="feature code", code="no_number")
        self._spawn(self._pass_on(agent_id, entry.target))

    async def _pass_on(self, agent_id: str, target: Target) -> None:
        location = await self._location()
        command = PassCall(how=Passing.HAND_OVER, target=target, agent_id=agent_id, location=location, keyed=True)
        try:
            self._conversation.pass_on(command)
        except RefusedError as error:
            logger.info("a hand-over by keys was refused", call_id=self._call_id, reason=error.what)

    async def _location(self) -> str:
        question = AskLocation(call_id=self._call_id)
        try:
            reply = await self._bus.request(TICKET_LOCATION, (), question, timeout_s=LOCATION_WITHIN_S)
        except BusError as error:
            logger.warning("an emergency is handed over without its location", call_id=self._call_id, reason=error.what)
            return ""
        return reply.location
