"""The SIP endpoint: the switch towards its trunks and phones, and a phone towards another server.

The asyncio loop talks to it; SIP itself runs on sippy's thread (thread.py), where the user agent answers requests and
each call is a dialog (inbound.py, outbound.py). What the owner hears is called on the loop that `start` ran on.
"""

import asyncio
import secrets
import time
from collections.abc import Callable

import structlog

from domain.sip_edge import BanReport, TrunkReport
from telephony.ports import InboundCall, LegEvents, MediaDescription, SipLeg
from telephony.settings import TelephonySettings
from telephony.sip.addresses import Address, bracketed, reachable_address
from telephony.sip.conf import SipConf
from telephony.sip.doorman import Doorman
from telephony.sip.intake import Intake
from telephony.sip.leg import Leg, call_on_loop
from telephony.sip.message import SipPlace
from telephony.sip.outbound import Placement
from telephony.sip.phones import PhoneChange, Phones
from telephony.sip.ports import SipPorts
from telephony.sip.registration import Registration, RegistrationState
from telephony.sip.session_timer import SessionLimits
from telephony.sip.thread import SipThread
from telephony.sip.user_agent import SipUserAgent

PARTING_S = 2.0
STOP_TIMEOUT_S = 10.0

logger = structlog.get_logger()
OnCall = Callable[[InboundCall, SipLeg], LegEvents]
OnRegistration = Callable[[PhoneChange], None]


def wall_clock_ms() -> int:
    """Unix time in ms."""
    return time.time_ns() // 1_000_000


class SippyEndpoint:
    """Implements ports.SipEndpoint. Only one may be started at a time in a process: sippy's dispatcher is global.

    on_call: gets each call that is taken up, and returns who hears of it; it calls ring, answer or reject on the leg.
    on_registration: hears of our extensions' phones. now_ms: wall clock. parting_s: how long `stop` waits for the far
    ends to answer its BYE.
    """

    def __init__(
        self,
        settings: TelephonySettings,
        sip_conf: SipConf,
        *,
        on_call: OnCall,
        on_registration: OnRegistration,
        now_ms: Callable[[], int] = wall_clock_ms,
        parting_s: float = PARTING_S,
    ) -> None:
        self._settings = settings
        self._conf = sip_conf
        self._on_call = on_call
        self._on_registration = on_registration
        self._now_ms = now_ms
        self._parting_s = parting_s
        self._thread = SipThread()
        self._ports: SipPorts | None = None
        self._agent: SipUserAgent | None = None
        self._doorman: Doorman | None = None
        self._place: SipPlace | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._registrations: list[Registration] = []

    @property
    def port(self) -> int:
        """The port that it listens on, 0 before `start`."""
        return self._ports.port if self._ports else 0

    async def start(self) -> None:
        """Listen; SipError with what to do when the port is in use."""
        settings = self._settings
        self._loop = asyncio.get_running_loop()
        self._registrations = []
        ports = SipPorts(settings)
        self._thread = SipThread()
        try:
            self._thread.start()
        except BaseException:
            ports.close()
            raise
        self._ports = ports
        host = bracketed(settings.advertised_address or reachable_address(settings.sip_address))
        self._place = SipPlace(
            config={},
            host=host,
            port=ports.port,
            user_agent=settings.user_agent,
            session=SessionLimits(
                wished_s=max(settings.sip_session_s, settings.sip_session_min_s), min_s=settings.sip_session_min_s
            ),
        )
        await self._on_sip_thread(self._build)
        logger.info("sip endpoint listens", address=settings.sip_address, port=ports.port, advertised=host)

    async def stop(self) -> None:
        """Unregister, hang up what is left, wait a little for the answers, and free the port; harmless twice."""
        if self._ports is None or self._agent is None or self._loop is None:
            return
        loop, agent = self._loop, self._agent
        parted = asyncio.Event()

        def leave() -> None:
            for registration in self._registrations:
                registration.stop()
            agent.leave(lambda: call_on_loop(loop, parted.set), self._parting_s)

        self._thread.post(leave)
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await parted.wait()
        except TimeoutError:
            logger.warning("calls could not be hung up before the stop", after_s=STOP_TIMEOUT_S)
        await asyncio.to_thread(self._ports.close)
        await self._on_sip_thread(agent.close)
        await asyncio.to_thread(self._thread.stop)
        self._ports = self._agent = None
        logger.info("sip endpoint stopped")

    def place_call(
        self,
        target: str,
        *,
        caller_number: str,
        media: MediaDescription,
        events: LegEvents,
        timeout_s: float,
        display_name: str = "",
        called_number: str = "",
        auth: tuple[str, str] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> SipLeg:
        """Call a registered extension ("8001"), a sip: URI, or by the trunks a number outside ("tel:02212345").

        What stands against it ends the leg through `events.on_ended`: 480 not registered, 404 no such target or no
        trunk for it, 503 all its trunks are full, 408 no answer within timeout_s, or the far end's own status.
        called_number: for the To header, if it is not the target's user. auth: user and password where the far end may
        ask. headers: more (name, value) for the INVITE.
        """
        leg = self.new_leg(secrets.token_hex(16))
        leg.events = events
        placement = Placement(
            caller_number=caller_number,
            display_name=display_name,
            called_number=called_number or target.removeprefix("sip:").partition("@")[0],
            media=media,
            timeout_s=timeout_s,
            auth=auth,
            headers=headers,
        )
        if self._agent is None:
            leg.end(by_remote=False, status=503, reason="endpoint is not started")
        else:
            self._thread.post(_place, self._agent, leg, target, placement)
        return leg

    def register_at(
        self,
        server: tuple[str, int],
        user: str,
        password: str,
        *,
        on_state: Callable[[RegistrationState], None],
        expires_s: int = 300,
    ) -> None:
        """Be a phone: stay registered at `server` (address, port) until `stop`. on_state: each change, on the loop."""
        loop, place = self._loop, self._place
        if loop is None or place is None:
            raise RuntimeError("register_at before start")

        def tell(state: RegistrationState) -> None:
            call_on_loop(loop, on_state, state)

        registration = Registration(place, server, user, password, expires_s, tell)
        self._registrations.append(registration)
        self._thread.post(registration.start)

    def trunks(self) -> tuple[TrunkReport, ...]:
        """How each trunk stands now; () before `start`."""
        # What is read are single values, each set in one step by sippy's thread.
        return self._agent.trunks.report() if self._agent else ()

    def bans(self) -> tuple[BanReport, ...]:
        """The sources that are shut out now, the oldest ban first."""
        return self._doorman.bans() if self._doorman else ()

    def lift_ban(self, source: str) -> bool:
        """Let an address (or a network as `bans` names it) in again; False when it was not shut out. RefusedError."""
        return self._doorman.lift(source) if self._doorman else False

    # From sippy's thread

    def new_leg(self, sip_call_id: str) -> Leg:
        if self._loop is None:
            raise RuntimeError("a call before start")
        return Leg(self._loop, self._thread.post, sip_call_id)

    def arrived(self, call: InboundCall, leg: Leg) -> None:
        """Hand the call to the owner, on the loop; what the leg says comes after it."""
        if self._loop is not None:
            call_on_loop(self._loop, self._hand_over, call, leg)

    def _hand_over(self, call: InboundCall, leg: Leg) -> None:
        try:
            leg.events = self._on_call(call, leg)
        except Exception:
            logger.exception("a call could not be taken up", sip_call_id=call.sip_call_id)
            leg.reject(500, "Server Internal Error")

    def _build(self) -> None:
        if self._ports is None or self._place is None:
            raise RuntimeError("built before start")
        self._agent = SipUserAgent(
            self._place,
            self._ports,
            self._conf,
            self,
            now_ms=self._now_ms,
            max_legs=self._settings.sip_max_legs,
        )
        agent = self._agent
        phones = agent.phones = Phones(self._place, self._conf, agent.admission, self._now_ms, self._tell_phone)
        self._doorman = Doorman(
            self._conf,
            agent.admission,
            self._settings.user_agent,
            is_trunk=lambda host: agent.trunks.at(host) is not None,
            phone_hosts=lambda: phones.hosts,
        )
        intake = Intake(self._thread.post, agent.transactions.handleIncoming, self._doorman)
        self._ports.start(intake, self._lost)
        self._agent.trunks.start()

    def _lost(self, address: Address) -> None:
        """A connection cannot be made."""
        if self._agent is not None:
            self._thread.post(self._agent.transactions.lost, address)

    def _tell_phone(self, change: PhoneChange) -> None:
        if self._loop is not None:
            call_on_loop(self._loop, self._on_registration, change)

    async def _on_sip_thread(self, function: Callable[[], None]) -> None:
        """Run it there and wait; what it raises is raised here."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        loop = asyncio.get_running_loop()

        def run() -> None:
            try:
                function()
            except Exception as error:
                call_on_loop(loop, future.set_exception, error)
            else:
                call_on_loop(loop, future.set_result, None)

        self._thread.post(run)
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await future


def _place(agent: SipUserAgent, leg: Leg, target: str, placement: Placement) -> None:
    """On sippy's thread; whatever fails there, the leg's owner must hear its end."""
    try:
        agent.place_call(leg, target, placement)
    except Exception:
        logger.exception("a call could not be placed")
        leg.end(by_remote=False, status=500, reason="internal error")
