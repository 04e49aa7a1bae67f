"""The place of an emergency, read into the agent's ear while the emergency service rings: nobody else hears it."""

import asyncio
from collections.abc import Callable, Coroutine

from telephony.calls.party import Party
from telephony.ports import Speaker

Spawn = Callable[[Coroutine[None, None, None]], asyncio.Task[None]]
_LONGEST = 40
"""Characters of a place that are read: about ten seconds, which is how long an emergency service rings at most."""


def sentence(location: str) -> str:
    """What is read."""
    return f"事发地点，{location[:_LONGEST]}。"


class LocationWhisper:
    """Of one call. speaker: None where nothing is read. spawn: runs what has to be waited for."""

    def __init__(self, speaker: Speaker | None, spawn: Spawn) -> None:
        self._speaker = speaker
        self._spawn = spawn
        self._agent: Party | None = None
        self._reading: asyncio.Task[None] | None = None

    def begin(self, agent: Party, location: str) -> None:
        """Once, as soon as it can be said; nothing without a location."""
        self.stop()
        if location and self._speaker is not None:
            self._agent = agent
            self._reading = self._spawn(self._read(self._speaker, agent, location))

    def stop(self) -> None:
        """Break it off: whoever was called is there, or does not come."""
        reading, agent = self._reading, self._agent
        self._reading = self._agent = None
        if reading is not None:
            reading.cancel()
        if agent is not None:
            agent.media.play_over(b"")

    async def _read(self, speaker: Speaker, agent: Party, location: str) -> None:
        alaw = await speaker.alaw(sentence(location))
        if alaw:
            agent.media.play_over(alaw)
