"""All browser telephones of one switch: connections and commands from the pages, calls from the switch.

Each telephone is a state (web_phone), what it does is done here: legs are told, connections opened and closed, the
page and the queue informed. Everything happens on the asyncio loop.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from domain.errors import SipError
from domain.ports import Bus, Subscription
from domain.topics import WEB_PHONE_COMMAND, WEB_PHONE_CONNECT, WEB_PHONE_STATE
from domain.web_phone import (
    ConnectWebPhone,
    EndCall,
    LeavePhone,
    RefuseCall,
    StayAlive,
    TakeCall,
    WebCallStage,
    WebPhoneCommand,
    WebPhoneReply,
    agent_of,
    web_extension,
)
from telephony import web_phone as machine
from telephony.ports import Codec, LegEvents, MediaDescription, SipLeg
from telephony.settings import TelephonySettings
from telephony.sip_phones import PhoneChange
from telephony.web_phone import WebPhoneRules, WebPhoneState
from telephony.web_phone_leg import WebPhoneLeg
from telephony.web_phone_link import WebPhoneLink
from telephony.web_phone_metrics import CONNECTIONS, CONNECTIONS_REFUSED
from telephony.web_phone_sdp import PCMA_PAYLOAD, read_offer, write_answer
from telephony.web_phone_sound import WebPhoneSound, loopback_of

TICK_S = 0.5
DEAF_AFTER_S = 3.0
"""A browser that talks sends 50 packets a second, also when it is muted."""

logger = structlog.get_logger()
GROUP = "switch"


class _Connection:
    """One link with the bus's ear for its page."""

    def __init__(self, link: WebPhoneLink, digits_payload: int | None) -> None:
        self.link = link
        self.digits_payload = digits_payload
        self.ear: Subscription | None = None


class WebPhone:
    """The telephone of one agent."""

    def __init__(self, agent_id: str, phones: "WebPhones") -> None:
        self.state = WebPhoneState(agent_id=agent_id)
        self.connections: dict[str, _Connection] = {}
        self.leg: WebPhoneLeg | None = None
        self.sound: WebPhoneSound | None = None
        self._phones = phones

    @property
    def connection(self) -> _Connection | None:
        return self.connections.get(self.state.connection_id)

    def hear(self, event: machine.WebPhoneEvent) -> None:
        """Do what the event asks for."""
        phones = self._phones
        self.state, actions = machine.step(self.state, event, phones.now_ms(), phones.rules)
        for action in actions:
            self._do(action)

    def _do(self, action: machine.WebPhoneAction) -> None:
        match action:
            case machine.CloseConnection(connection_id):
                connection = self.connections.get(connection_id)
                if connection is not None:
                    connection.link.close()
            case machine.TellRegistration(expires_at_ms):
                self._phones.tell_registration(self.state.agent_id, expires_at_ms)
            case machine.ShowPage():
                self._phones.show(self.state)
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


class WebPhones:
    """on_registration: hears of our telephones as of SIP ones. now_ms: wall clock."""

    def __init__(
        self,
        settings: TelephonySettings,
        bus: Bus,
        *,
        on_registration: Callable[[PhoneChange], None],
        now_ms: Callable[[], int],
    ) -> None:
        self.now_ms = now_ms
        self.rules = WebPhoneRules(grace_ms=round(settings.web_phone_grace_s * 1000))
        self._settings = settings
        self._bus = bus
        self._on_registration = on_registration
        self._phones: dict[str, WebPhone] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ear: Subscription | None = None
        self._ticking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take connections from now on."""
        self._ear = await self._bus.serve(WEB_PHONE_CONNECT, (), self._on_connect, group=GROUP)
        self._ticking = asyncio.get_running_loop().create_task(self._tick())

    async def stop(self) -> None:
        """Every telephone goes; calls are over."""
        if self._ear is not None:
            await self._ear.close()
        if self._ticking is not None:
            self._ticking.cancel()
        for phone in self._phones.values():
            phone.hear(machine.PageLeft())
            for connection in phone.connections.values():
                connection.link.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

    def place_call(
        self, target: str, *, media: MediaDescription, events: LegEvents, timeout_s: float, at_once: bool = False
    ) -> SipLeg:
        """Ring the browser `web-<agent_id>`; as SipEndpoint.place_call. The caller's number is on the page already.

        at_once: the page answers by itself.
        """
        phone = self._phones.get(agent_of(target))
        leg = WebPhoneLeg(events, media, loopback_of(self._settings.rtp_address))
        refused = machine.NOT_THERE if phone is None else machine.refusal(phone.state)
        if phone is None or refused is not None:
            status, reason = refused or machine.NOT_THERE
            leg.end(by_remote=True, status=status, reason=reason)
            return leg
        phone.leg = leg
        leg.on_hang_up = lambda: phone.hear(machine.CallDropped()) if phone.leg is leg else None
        phone.hear(machine.CallPlaced(self.now_ms() + round(timeout_s * 1000), at_once))
        return leg

    def tell_registration(self, agent_id: str, expires_at_ms: int) -> None:
        extension = web_extension(agent_id)
        registered = expires_at_ms > 0
        self._on_registration(PhoneChange(extension=extension, registered=registered, expires_at_ms=expires_at_ms))

    def show(self, state: WebPhoneState) -> None:
        self._spawn(self._bus.publish(WEB_PHONE_STATE, (state.agent_id,), state.view))

    async def _on_connect(self, _subject: str, ask: ConnectWebPhone) -> WebPhoneReply:
        phone = self._phones.setdefault(ask.agent_id, WebPhone(ask.agent_id, self))
        try:
            offer = read_offer(ask.offer)
            link = WebPhoneLink(
                self._settings.web_phone_address,
                offer,
                lambda datagram: phone.from_browser(ask.connection_id, datagram),
            )
            ours = await link.prepare()
        except SipError as error:
            CONNECTIONS_REFUSED.inc()
            logger.warning("a browser's connection was refused", agent_id=ask.agent_id, error=str(error))
            return WebPhoneReply(accepted=False, code="web_phone_refused", reason=str(error))
        connection = _Connection(link, offer.digits_payload)
        phone.connections[ask.connection_id] = connection
        connection.ear = await self._bus.serve(
            WEB_PHONE_COMMAND,
            (ask.agent_id, ask.connection_id),
            lambda _subject, command: self._on_command(phone, ask, command),
        )
        self._spawn(self._serve(phone, ask.connection_id, connection))
        return WebPhoneReply(accepted=True, answer=write_answer(offer, ours), view=phone.state.view)

    async def _serve(self, phone: WebPhone, connection_id: str, connection: _Connection) -> None:
        """As long as the connection lives."""
        CONNECTIONS.inc()
        try:
            await connection.link.run(lambda: phone.hear(machine.Connected(connection_id)))
        except Exception:
            # One browser's fault must not end the switch; the telephone counts as lost and its page connects anew.
            logger.exception("a browser's connection failed", agent_id=phone.state.agent_id)
        finally:
            CONNECTIONS.dec()
            phone.connections.pop(connection_id, None)
            phone.hear(machine.ConnectionLost(connection_id))
            if connection.ear is not None:
                await connection.ear.close()

    async def _on_command(self, phone: WebPhone, ask: ConnectWebPhone, command: WebPhoneCommand) -> WebPhoneReply:
        current = ask.connection_id == phone.state.connection_id
        if current:
            phone.hear(machine.PageHeard())
        match command:
            case StayAlive():
                pass
            case _ if not current:
                return WebPhoneReply(
                    accepted=False, code="web_phone_replaced", reason="another page is the telephone now"
                )
            case TakeCall(number=number):
                phone.hear(machine.CallTaken(number))
            case RefuseCall(number=number):
                phone.hear(machine.CallRefused(number))
            case EndCall(number=number):
                phone.hear(machine.CallHungUp(number))
            case LeavePhone():
                phone.hear(machine.PageLeft())
        return WebPhoneReply(accepted=True, view=phone.state.view)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            for phone in list(self._phones.values()):
                try:
                    phone.tick()
                except Exception:
                    logger.exception("a browser telephone failed", agent_id=phone.state.agent_id)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
