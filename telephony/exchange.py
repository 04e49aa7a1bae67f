"""Which telephone a call goes to: the SIP endpoint, or an agent's browser."""

from typing import Protocol

from domain.web_phone import agent_of
from telephony.ports import LegEvents, MediaDescription, SipEndpoint, SipLeg


class Placing(Protocol):
    """Who can place calls to one kind of telephone."""

    def place_call(
        self, target: str, *, caller_number: str, media: MediaDescription, events: LegEvents, timeout_s: float
    ) -> SipLeg: ...


class Exchange:
    """Implements ports.SipEndpoint over the SIP endpoint and the browser telephones."""

    def __init__(self, sip: SipEndpoint, browsers: Placing) -> None:
        self._sip = sip
        self._browsers = browsers

    async def start(self) -> None:
        await self._sip.start()

    async def stop(self) -> None:
        await self._sip.stop()

    def place_call(
        self, target: str, *, caller_number: str, media: MediaDescription, events: LegEvents, timeout_s: float
    ) -> SipLeg:
        """As the SIP endpoint; `web-<agent_id>` is the agent's browser."""
        to = self._browsers if agent_of(target) else self._sip
        return to.place_call(target, caller_number=caller_number, media=media, events=events, timeout_s=timeout_s)
