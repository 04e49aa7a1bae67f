"""A SIP endpoint with an owner that writes down what it hears."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from domain.call import DigitSource
from telephony.ports import Codec, InboundCall, MediaDescription, SipLeg
from telephony.settings import TelephonySettings
from telephony.sip.conf import SipConf, demo_sip_conf
from telephony.sip.endpoint import SippyEndpoint
from telephony.sip.phones import PhoneChange

DEADLINE_S = 30.0
PASSWORD = "secret-8001"
OUR_SOUND = MediaDescription(address="127.0.0.1", port=20000, codec=Codec.PCMA, payload=8)


class Heard:
    """Implements ports.LegEvents: what a leg said, in order, as (name, value)."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    def on_progress(self, status: int, media: MediaDescription | None = None) -> None:
        self.events.put_nowait(("progress", status))
        if media is not None:
            self.events.put_nowait(("early", media))

    def on_answered(self, media: MediaDescription) -> None:
        self.events.put_nowait(("answered", media))

    def on_media_changed(self, media: MediaDescription) -> None:
        self.events.put_nowait(("changed", media))

    def on_digit(self, digit: str, source: DigitSource = DigitSource.INFO) -> None:
        self.events.put_nowait(("digit", digit))

    def on_transfer_asked(self, target: str, replaces: str) -> None:
        self.events.put_nowait(("transfer", (target, replaces)))

    def on_ended(self, *, by_remote: bool, status: int, reason: str) -> None:
        self.events.put_nowait(("ended", (by_remote, status)))

    async def next(self, name: str, deadline_s: float = DEADLINE_S) -> Any:
        """The value of the next event, which must have this name."""
        async with asyncio.timeout(deadline_s):
            heard, value = await self.events.get()
        assert heard == name, (heard, value)
        return value


def answer_at_once(_call: InboundCall, leg: SipLeg) -> None:
    leg.answer(OUR_SOUND)


@dataclass
class Arrival:
    """A call that came in. media: what its leg says goes to `heard`."""

    call: InboundCall
    leg: SipLeg
    heard: Heard = field(default_factory=Heard)


class Switchboard:
    """take_call: what is done with a call that arrives."""

    def __init__(self, port: int = 0, conf: SipConf | None = None, settings: TelephonySettings | None = None) -> None:
        self.take_call: Callable[[InboundCall, SipLeg], None] = answer_at_once
        self.arrivals: asyncio.Queue[Arrival] = asyncio.Queue()
        self.phones: asyncio.Queue[PhoneChange] = asyncio.Queue()
        self.endpoint = SippyEndpoint(
            settings or TelephonySettings(sip_port=port),
            conf or demo_sip_conf({"8001": PASSWORD, "8002": "secret-8002"}),
            on_call=self._on_call,
            on_registration=self.phones.put_nowait,
            parting_s=0.05,
        )

    def _on_call(self, call: InboundCall, leg: SipLeg) -> Heard:
        arrival = Arrival(call, leg)
        self.arrivals.put_nowait(arrival)
        self.take_call(call, leg)
        return arrival.heard

    async def arrival(self) -> Arrival:
        async with asyncio.timeout(DEADLINE_S):
            return await self.arrivals.get()

    async def phone_change(self) -> PhoneChange:
        async with asyncio.timeout(DEADLINE_S):
            return await self.phones.get()
