"""Which telephone a call goes to: the SIP endpoint, or an agent's browser."""

from domain.web_phone import agent_of
from telephony.browser.web_phones import WebPhones
from telephony.calls.party import AUTO_ANSWER
from telephony.ports import LegEvents, MediaDescription, SipEndpoint, SipLeg


class Exchange:
    """Implements ports.SipEndpoint over the SIP endpoint and the browser telephones."""

    def __init__(self, sip: SipEndpoint, browsers: WebPhones) -> None:
        self._sip = sip
        self._browsers = browsers

    async def start(self) -> None:
        """Telephones can be called when both are there."""
        await self._sip.start()
        await self._browsers.start()

    async def stop(self) -> None:
        await self._browsers.stop()
        await self._sip.stop()

    def place_call(
        self,
        target: str,
        *,
        caller_number: str,
        media: MediaDescription,
        events: LegEvents,
        timeout_s: float,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> SipLeg:
        """As the SIP endpoint; `web-<agent_id>` is the agent's browser, which of all headers knows only AUTO_ANSWER."""
        if agent_of(target):
            at_once = AUTO_ANSWER[0] in headers
            return self._browsers.place_call(target, media=media, events=events, timeout_s=timeout_s, at_once=at_once)
        return self._sip.place_call(
            target,
            caller_number=caller_number,
            media=media,
            events=events,
            timeout_s=timeout_s,
            headers=headers,
        )
