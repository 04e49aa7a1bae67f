"""One browser telephone at work: its state (web_phone), its connections, and the call that it has."""

import time
from typing import Protocol

import structlog

from domain.errors import SipError
from domain.ports import Subscription
from domain.web_phone import WebCallStage, web_extension
from telephony.browser import web_phone as machine
from telephony.browser.web_phone import WebPhoneRules, WebPhoneState
from telephony.browser.web_phone_leg import WebPhoneLeg
from telephony.browser.web_phone_link import WebPhoneLink
from telephony.browser.web_phone_sdp import PCMA_PAYLOAD
from telephony.browser.web_phone_sound import WebPhoneSound
from telephony.ports import Codec, MediaDescription

DEAF_AFTER_S = 3.0
"""A browser that talks sends 50 packets a second, also when it is muted."""

logger = structlog.get_logger()


class WebPhoneHouse(Protocol):
    """What all telephones of a switch share. now_ms: wall clock."""

    rules: WebPhoneRules

    def now_ms(self) -> int: ...

    def tell_registration(self, agent_id: str, expires_at_ms: int) -> None:
        """Others must know that it is there until then; 0: that it is gone."""

    def show(self, state: WebPhoneState) -> None:
        """The page must hear how it stands."""


class Connection:
    """One link with the bus's ear for its page."""

    def __init__(self, link: WebPhoneLink, digits_payload: int | None) -> None:
        self.link = link
        self.digits_payload = digits_payload
        self.ear: Subscription | None = None


class WebPhone:
    """Carries out what its state asks for: legs are told, connections closed, the page and the queue informed."""

    def __init__(self, agent_id: str, house: WebPhoneHouse) -> None:
        self.state = WebPhoneState(agent_id=agent_id)
        self.connections: dict[str, Connection] = {}
        self.leg: WebPhoneLeg | None = None
        self.sound: WebPhoneSound | None = None
        self._house = house

    @property
    def connection(self) -> Connection | None:
        return self.connections.get(self.state.connection_id)

    def hear(self, event: machine.WebPhoneEvent) -> None:
        """Do what the event asks for."""
        self.state, actions = machine.step(self.state, event, self._house.now_ms(), self._house.rules)
        for action in actions:
            self._do(action)

    def _do(self, action: machine.WebPhoneAction) -> None:
        match action:
            case machine.CloseConnection(connection_id):
                connection = self.connections.get(connection_id)
                if connection is not None:
                    connection.link.close()
            case machine.TellRegistration(expires_at_ms):
                self._house.tell_registration(self.state.agent_id, expires_at_ms)
            case machine.ShowPage():
                self._house.show(self.state)
            case machine.EndLeg(by_remote, status, reason):
                self._end_leg(by_remote, status, reason)
            case _:
                self._do_to_leg(action)

    def _do_to_leg(self, action: machine.WebPhoneAction) -> None:
        leg = self.leg
        if leg is None:
            return
        match action:
            case machine.RingLeg():
                leg.tell(lambda events: events.on_progress(180))
            case machine.AnswerLeg():
                self._answer(leg)
            case machine.HoldLeg():
                self._change_media(leg, flows=False)
            case machine.ResumeLeg():
                self._change_media(leg, flows=True)

    def _answer(self, leg: WebPhoneLeg) -> None:
        try:
            self.sound = WebPhoneSound(leg.address, leg.media.port, self._to_browser)
        except SipError as error:
            logger.error(
                "a browser's call has no sound", extension=web_extension(self.state.agent_id), error=str(error)
            )
            self.hear(machine.CallDropped())
            return
        media = self._media(leg, flows=True)
        leg.tell(lambda events: events.on_answered(media))

    def _change_media(self, leg: WebPhoneLeg, *, flows: bool) -> None:
        if self.sound is not None:
            if flows:
                # A browser that comes back has some seconds until its first packet is due.
                self.sound.heard_at = time.monotonic()
            media = self._media(leg, flows=flows)
            leg.tell(lambda events: events.on_media_changed(media))

    def _media(self, leg: WebPhoneLeg, *, flows: bool) -> MediaDescription:
        """Our end of the sound; a browser that is lost holds, as a telephone would."""
        connection = self.connection
        return MediaDescription(
            address=leg.address,
            port=self.sound.port if self.sound is not None else 0,
            codec=Codec.PCMA,
            payload=PCMA_PAYLOAD,
            digits_payload=connection.digits_payload if connection is not None else None,
            sends=flows,
            receives=flows,
        )

    def _end_leg(self, by_remote: bool, status: int, reason: str) -> None:
        leg, sound = self.leg, self.sound
        self.leg = self.sound = None
        if sound is not None:
            sound.close()
        if leg is not None:
            leg.end(by_remote=by_remote, status=status, reason=reason)

    async def _to_browser(self, datagram: bytes) -> None:
        connection = self.connection
        if connection is not None:
            await connection.link.send(datagram)

    def from_browser(self, connection_id: str, datagram: bytes) -> None:
        if self.sound is not None and connection_id == self.state.connection_id:
            self.sound.from_browser(datagram)

    def tick(self) -> None:
        """About twice a second."""
        call = self.state.call
        if self.sound is not None and call is not None:
            deaf = time.monotonic() - self.sound.heard_at > DEAF_AFTER_S
            if deaf and call.stage is WebCallStage.TALKING:
                self.hear(machine.SoundStopped())
            elif not deaf and call.stage is WebCallStage.HELD:
                self.hear(machine.SoundBack())
        self.hear(machine.TimePassed())
