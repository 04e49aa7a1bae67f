"""Who says what in a demo call: the built-in script, a city's own recording, or real people's recorded speech."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Protocol

from domain.side import Side
from domain.ticket import FieldName
from hotline.demo_script import DemoScript, SpokenTurn
from hotline.phone_line import PhoneLine, silence


class Talk(Protocol):
    """One conversation. linger_s: silence after its last word. expected: what draft fields must contain."""

    @property
    def caller_number(self) -> str: ...

    @property
    def linger_s(self) -> float: ...

    @property
    def expected(self) -> dict[FieldName, str]: ...

    @property
    def suggestion(self) -> str: ...

    async def tell_menu(self, citizen: PhoneLine) -> None:
        """What the citizen does after the greeting began."""

    async def converse(self, citizen: PhoneLine, agent: PhoneLine) -> float:
        """Hold the conversation; its length in seconds."""

    def reference(self, side: Side) -> str:
        """What this side says, "" where that is not known."""


@dataclass
class ScriptedTalk:
    """The turns one after the other; the first is said to the IVR."""

    script: DemoScript
    turns: tuple[SpokenTurn, ...]
    linger_s: float = 1.0

    @property
    def caller_number(self) -> str:
        return self.script.caller_number

    @property
    def expected(self) -> dict[FieldName, str]:
        return self.script.expected

    @property
    def suggestion(self) -> str:
        return self.script.suggestion

    async def tell_menu(self, citizen: PhoneLine) -> None:
        await self._say(citizen, self.turns[0])

    async def converse(self, citizen: PhoneLine, agent: PhoneLine) -> float:
        began = time.monotonic()
        for turn in self.turns[1:]:
            await self._say(citizen if turn.turn.side is Side.CALLER else agent, turn)
        return time.monotonic() - began

    def reference(self, side: Side) -> str:
        return "".join(self.script.texts(side))

    async def _say(self, line: PhoneLine, turn: SpokenTurn) -> None:
        await line.speak(silence(turn.turn.pause_ms / 1000) + turn.alaw)


@dataclass
class RecordedTalk:
    """Both channels of a recording, in step. The citizen presses 0 at the menu.

    references: what is said on each side, where it is known.
    """

    citizen: bytes
    agent: bytes
    references: dict[Side, str] = field(default_factory=dict)
    caller_number: str = "13800000000"
    linger_s: float = 1.5
    expected: dict[FieldName, str] = field(default_factory=dict)
    suggestion: str = ""

    async def tell_menu(self, citizen: PhoneLine) -> None:
        citizen.media.send_digit("0")

    async def converse(self, citizen: PhoneLine, agent: PhoneLine) -> float:
        began = time.monotonic()
        await asyncio.gather(citizen.speak(self.citizen), agent.speak(self.agent))
        return time.monotonic() - began

    def reference(self, side: Side) -> str:
        return self.references.get(side, "")
