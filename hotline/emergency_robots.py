"""The demo's 110, 119 and 120: robots that ring for a moment, answer, and say who they are.

So the one-key hand-over can be tried, on the page and by a telephone's keys, without keeping anybody from an emergency.
"""

import asyncio
import signal
from collections.abc import Callable

import structlog

from hotline.booth import PhoneBooth
from hotline.config import Settings
from hotline.phone_line import PhoneLine
from hotline.prompts import open_prompt_cache
from telephony.media.tone import note
from telephony.ports import InboundCall, LegEvents, SipLeg

logger = structlog.get_logger()
RING_S = 8.0
"""Long enough to be heard ringing, and for the agent to be read the location."""
GREETINGS = {
    "110": "这里是演示的公安一一零，请讲。",
    "119": "这里是演示的消防一一九，请讲。",
    "120": "这里是演示的急救一二零，请讲。",
}
_NOTES_HZ = {"110": 660.0, "119": 880.0, "120": 1100.0}
_NOTE_S = 1.0


class EmergencyRobots(PhoneBooth):
    """greeting: by the dialled code what is said first, as A-law; a code that it does not know is answered 404."""

    def __init__(self, port: int, greeting: Callable[[str], bytes]) -> None:
        super().__init__(sip_port=port)
        self._greeting = greeting
        self._answering: set[asyncio.Task[None]] = set()

    def _on_call(self, call: InboundCall, leg: SipLeg) -> LegEvents:
        line = PhoneLine(self._plane)
        line.leg = leg
        if call.called_number not in GREETINGS or call.media is None:
            leg.reject(404, "Not Found")
            return line
        leg.ring()
        task = asyncio.get_running_loop().create_task(self._answer(call, leg, line))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        return line

    async def _answer(self, call: InboundCall, leg: SipLeg, line: PhoneLine) -> None:
        await asyncio.sleep(RING_S)
        if line.over or call.media is None:
            return
        leg.answer(self._describe(line.media.port))
        line.connect(call.media)
        await line.speak(self._greeting(call.called_number))


async def run_emergency_robots(settings: Settings) -> None:
    """Until SIGINT or SIGTERM. SipError when the port is not free."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    prompts = open_prompt_cache(settings)

    def greeting(code: str) -> bytes:
        # A note, each service's own, stands for the sentence until that has been rendered.
        return prompts.alaw(GREETINGS[code]) or note(_NOTES_HZ[code], _NOTE_S)

    async with EmergencyRobots(settings.service.demo_emergency_port, greeting):
        logger.info("demo robots answer for 110, 119 and 120", port=settings.service.demo_emergency_port)
        await stopping.wait()
