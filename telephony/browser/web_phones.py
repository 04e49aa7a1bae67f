"""All browser telephones of one switch: connections and commands from the pages, calls from the switch.

Everything happens on the asyncio loop; what one telephone does is in web_phone_device.
"""

import asyncio
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
    WebPhoneCommand,
    WebPhoneReply,
    agent_of,
    web_extension,
)
from telephony.browser import web_phone as machine
from telephony.browser.web_phone import WebPhoneRules, WebPhoneState
from telephony.browser.web_phone_device import Connection, WebPhone
from telephony.browser.web_phone_leg import WebPhoneLeg
from telephony.browser.web_phone_link import WebPhoneLink
from telephony.browser.web_phone_metrics import CONNECTIONS, CONNECTIONS_REFUSED
from telephony.browser.web_phone_sdp import read_offer, write_answer
from telephony.browser.web_phone_sound import loopback_of
from telephony.ports import LegEvents, MediaDescription, SipLeg
from telephony.settings import TelephonySettings
from telephony.sip.phones import PhoneChange

TICK_S = 0.5
MOST_CONNECTIONS = 8
"""Of one agent at a time: one that counts, and some that are being made by a page that tries again and again."""

logger = structlog.get_logger()
GROUP = "switch"


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
        self._clock = now_ms
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

    def now_ms(self) -> int:
        return self._clock()

    def tell_registration(self, agent_id: str, expires_at_ms: int) -> None:
        extension = web_extension(agent_id)
        registered = expires_at_ms > 0
        self._on_registration(PhoneChange(extension=extension, registered=registered, expires_at_ms=expires_at_ms))

    def show(self, state: WebPhoneState) -> None:
        self._spawn(self._bus.publish(WEB_PHONE_STATE, (state.agent_id,), state.view))

    async def _on_connect(self, _subject: str, ask: ConnectWebPhone) -> WebPhoneReply:
        phone = self._phones.setdefault(ask.agent_id, WebPhone(ask.agent_id, self))
        try:
            if len(phone.connections) >= MOST_CONNECTIONS:
                raise SipError("486: too many connections", where=ask.agent_id, remedy="wait some seconds")
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
        connection = Connection(link, offer.digits_payload)
        phone.connections[ask.connection_id] = connection
        connection.ear = await self._bus.serve(
            WEB_PHONE_COMMAND,
            (ask.agent_id, ask.connection_id),
            lambda _subject, command: self._on_command(phone, ask, command),
        )
        self._spawn(self._serve(phone, ask.connection_id, connection))
        return WebPhoneReply(accepted=True, answer=write_answer(offer, ours), view=phone.state.view)

    async def _serve(self, phone: WebPhone, connection_id: str, connection: Connection) -> None:
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
