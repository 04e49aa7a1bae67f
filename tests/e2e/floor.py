"""The agents' floor as tests furnish it: telephones that ring until they are told what to do, desks, and callers."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from domain.errors import HotlineError
from domain.g711 import RATE_HZ, alaw_decode
from hotline.booth import PhoneBooth
from hotline.demo_accounts import desk_passwords
from hotline.desk_client import DeskClient
from hotline.phone_line import AUDIBLE, PhoneLine, audible_s
from hotline.sip_accounts import demo_passwords
from telephony.media.tone import note
from telephony.ports import InboundCall, LegEvents, SipLeg
from tests.e2e.service import Service

DEADLINE_S = 45.0
"""For what takes a second on an idle machine: tests share theirs."""

LOOK_EVERY_S = 0.1
_numbers = itertools.count(1)
T = TypeVar("T")


async def happens(look: Callable[[], Awaitable[T]], what: str, timeout_s: float = DEADLINE_S) -> T:
    """What `look` returns, as soon as that is true; a service that does not answer at this moment is asked again."""
    deadline = time.monotonic() + timeout_s
    seen: object = None
    while time.monotonic() < deadline:
        try:
            if seen := await look():
                return seen
        except HotlineError as error:
            seen = error
        await asyncio.sleep(LOOK_EVERY_S)
    raise AssertionError(f"{what}: not within {timeout_s:.0f} s; last seen {seen!r}")


def pitch_hz(alaw: bytes) -> float:
    """The loudest pitch of this sound, 0 for silence."""
    samples = alaw_decode(bytes(alaw)).astype(np.float64)
    if not len(samples) or np.abs(samples).max() <= AUDIBLE:
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * RATE_HZ / len(samples))


async def hears_note(line: PhoneLine, hz: float, what: str, timeout_s: float = DEADLINE_S) -> None:
    """Half a second in which this note is the loudest; hz 0: in which nothing is to be heard."""

    async def look() -> bool:
        return abs(pitch_hz(bytes(line.heard[-RATE_HZ // 2 :])) - hz) < 10.0

    await happens(look, f"{what} ({hz:.0f} Hz)", timeout_s)


def says_note(line: PhoneLine, hz: float) -> None:
    """Say this note until something else is said."""
    line.media.play(note(hz, 1.0), token=0, loop=True)


@dataclass
class RingingPhone:
    """A call at an agent's telephone that nobody has answered yet."""

    extension: str
    call: InboundCall
    leg: SipLeg
    line: PhoneLine
    booth: "RingingBooth"

    def answer(self) -> PhoneLine:
        assert self.call.media is not None
        self.leg.answer(self.booth.describe(self.line.media.port))
        self.line.connect(self.call.media)
        return self.line

    def reject(self, status: int, reason: str) -> None:
        self.leg.reject(status, reason)


class RingingBooth(PhoneBooth):
    """Its telephones ring; what happens to a call is the test's choice. They are also those behind the service's trunk:
    at this port, the provider's, and at all loopback addresses.
    """

    def __init__(self, provider_port: int = 0) -> None:
        super().__init__(sip_port=provider_port, sip_address="0.0.0.0" if provider_port else "")
        self.rings: dict[str, asyncio.Queue[RingingPhone]] = {}
        self.describe = self._describe

    def _on_call(self, call: InboundCall, leg: SipLeg) -> LegEvents:
        line = PhoneLine(self._plane)
        line.leg = leg
        leg.ring()
        extension = call.called_number
        self.rings.setdefault(extension, asyncio.Queue()).put_nowait(RingingPhone(extension, call, leg, line, self))
        return line

    async def ringing(self, number: str, timeout_s: float = DEADLINE_S) -> RingingPhone:
        """The next call at this telephone."""
        return await asyncio.wait_for(self.rings.setdefault(number, asyncio.Queue()).get(), timeout_s)


@dataclass
class Agent:
    """One agent: a registered telephone and a signed-in desk."""

    extension: str
    desk: DeskClient
    booth: RingingBooth

    async def command(self, command: str) -> dict[str, Any]:
        body = {"command": command, "extension": self.extension}
        return await self.desk.call("POST", "/api/agent/command", body)

    async def rings(self, timeout_s: float = DEADLINE_S) -> RingingPhone:
        """The next call at this telephone."""
        return await self.booth.ringing(self.extension, timeout_s)

    async def state(self) -> str:
        shown = await self.desk.call("GET", "/api/desk")
        return str((shown["agent"] or {}).get("state", ""))

    async def becomes(self, *states: str) -> str:
        """Wait until the agent's state is one of these."""

        async def look() -> str:
            now = await self.state()
            return now if now in states else ""

        return await happens(look, f"agent {self.extension} becomes {' or '.join(states)}")

    async def get_ready(self) -> None:
        """Signed in and free, whatever was before; who asks for calls while callers wait is rung at once."""
        await happens(lambda: self.command("sign_out"), f"{self.extension}: sign_out is answered")
        for command in ("sign_in", "set_ready"):
            await self.is_let(command)
        await self.becomes("ready", "ringing")

    async def is_let(self, command: str) -> None:
        """The queue takes the command; asked again while it does not yet."""

        async def accepted() -> bool:
            return bool((await self.command(command))["accepted"])

        await happens(accepted, f"{self.extension}: {command}")


@dataclass
class Floor:
    """Everybody at one service. leader: sees all calls and all numbers."""

    service: Service
    booth: RingingBooth
    leader: DeskClient
    stack: AsyncExitStack
    agents: list[Agent] = field(default_factory=list)
    lines: list[PhoneLine] = field(default_factory=list)

    async def agent(self, extension: str) -> Agent:
        """This agent, ready for calls."""
        settings = self.service.settings
        await self.booth.register(self.service.running.sip, extension, demo_passwords(settings)[extension], DEADLINE_S)
        desk = await self.stack.enter_async_context(
            DeskClient(self.service.running.web, self.service.running.certificate)
        )
        await desk.sign_in(extension, desk_passwords(self.service.data_dir)[extension])
        agent = Agent(extension, desk, self.booth)
        self.agents.append(agent)
        await agent.get_ready()
        return agent

    async def call(self, *, key: str = "") -> "Citizen":
        """A citizen who has been answered and hears the greeting. key: pressed at the menu."""
        number = f"139{time.time_ns() // 1_000_000 % 100_000:05d}{next(_numbers) % 1000:03d}"
        line = self.booth.call(f"sip:12345@{self.service.running.sip}", number)
        self.lines.append(line)
        await line.answered(DEADLINE_S)
        await line.hears_sound(DEADLINE_S)
        if key:
            line.media.send_digit(key)
        return Citizen(number, line, self)

    async def waiting(self) -> int:
        """Who waits in the queue, as the leader's page shows it."""
        shown = await self.leader.call("GET", "/api/desk")
        return int(shown["queue"]["waiting"])

    async def is_idle(self) -> bool:
        return self.service.calls_up == 0 and await self.waiting() == 0


@dataclass
class Citizen:
    """A caller and what the desk shows of the call."""

    number: str
    line: PhoneLine
    floor: Floor

    async def summary(self) -> dict[str, Any]:
        """The call in the leader's list; empty while it is not there."""
        listed = await self.floor.leader.call("GET", "/api/calls?limit=50")
        return next((call for call in listed["calls"] if call["caller_number"] == self.number), {})

    async def view(self) -> dict[str, Any]:
        """The whole call."""
        return await self.floor.leader.call("GET", f"/api/calls/{(await self.summary())['call_id']}")

    async def becomes(self, status: str, timeout_s: float = DEADLINE_S) -> dict[str, Any]:
        """Wait until the call is listed with this status."""

        async def look() -> dict[str, Any]:
            call = await self.summary()
            return call if call.get("status") == status else {}

        return await happens(look, f"the call of {self.number} becomes {status}", timeout_s)

    async def is_recorded(self, timeout_s: float = DEADLINE_S) -> dict[str, Any]:
        """Wait until the call is over and its recording listed; the call."""

        async def look() -> dict[str, Any]:
            call = await self.summary()
            return call if call.get("status") == "ended" and call.get("recording") else {}

        return await happens(look, f"the call of {self.number} is over and recorded", timeout_s)


async def hear_each_other(citizen: PhoneLine, agent: PhoneLine, sound: bytes) -> None:
    """Each says the sound in turn, and the other hears most of it."""
    for speaker, hearer in ((citizen, agent), (agent, citizen)):
        before = len(hearer.heard)
        await speaker.speak(sound)
        said_s = audible_s(sound)

        async def arrived(hearer: PhoneLine = hearer, before: int = before, said_s: float = said_s) -> bool:
            return audible_s(bytes(hearer.heard[before:])) > 0.7 * said_s

        await happens(arrived, "what was said is heard at the other end")


@asynccontextmanager
async def open_floor(service: Service) -> AsyncIterator[Floor]:
    """A floor that is left empty and quiet: every line hung up, every agent signed out, no call up, nobody waiting."""
    async with AsyncExitStack() as stack:
        booth = await stack.enter_async_context(RingingBooth(service.provider_port))
        leader = await stack.enter_async_context(DeskClient(service.running.web, service.running.certificate))
        await leader.sign_in("leader", desk_passwords(service.data_dir)["leader"])
        floor = Floor(service, booth, leader, stack)
        try:
            yield floor
        finally:
            for line in floor.lines:
                line.hang_up()
            await happens(floor.is_idle, "no call is up and nobody waits")
            for agent in floor.agents:
                await happens(lambda agent=agent: _signed_out(agent), f"{agent.extension} is signed out")


async def _signed_out(agent: Agent) -> bool:
    await agent.command("sign_out")
    return await agent.state() in ("", "signed_out")
