"""The hotline as one extension of an existing PBX (`ports.SipEndpoint`), by pyVoIP (optional: `hotline12345[pyvoip]`).

For a house whose PBX has no trunk for us: we register as an extension, calls to it are the hotline's calls, and agents
are called through the PBX. pyVoIP reads and writes the messages; sound never touches it: our media plane's address goes
into the SDP. So its 8-bit sound, its mu-law under A-law's number and its memory for a jumped timestamp do not matter,
and its second of waiting before a call is taken up is gone with its threads.

What remains: UDP and IPv4, one PBX, no early sound, no PRACK, UPDATE, session timers or REFER (405), and agents' phones
are the PBX's: whether one is there is known only by calling it, so all of them count as there while we are registered.
"""

import asyncio
from collections.abc import Callable
from socket import AF_INET, SOCK_DGRAM

import structlog

from domain.errors import SipError
from telephony.pbx.client import PbxAccount, PbxClient
from telephony.pbx.inbound import PbxInboundLeg
from telephony.pbx.leg import PbxLeg
from telephony.pbx.message import PbxMessage, read_message
from telephony.pbx.outbound import PbxOutboundLeg
from telephony.pbx.registration import EXPIRES_S, PbxRegistration
from telephony.ports import InboundCall, LegEvents, MediaDescription, SipLeg
from telephony.settings import TelephonySettings
from telephony.sip.addresses import reachable_address
from telephony.sip.phones import PhoneChange

PARTING_S = 2.0
PHONES_EVERY_S = EXPIRES_S / 2
TRUNK = "pbx"
logger = structlog.get_logger()
OnCall = Callable[[InboundCall, SipLeg], LegEvents]
OnRegistration = Callable[[PhoneChange], None]


class PyVoipEndpoint(asyncio.DatagramProtocol):
    """on_call, on_registration, parting_s: as in SippyEndpoint. extensions: of the PBX, at which our agents sit."""

    def __init__(
        self,
        settings: TelephonySettings,
        account: PbxAccount,
        extensions: tuple[str, ...],
        *,
        on_call: OnCall,
        on_registration: OnRegistration,
        now_ms: Callable[[], int],
        parting_s: float = PARTING_S,
    ) -> None:
        self._settings = settings
        self._account = account
        self._extensions = extensions
        self._on_call = on_call
        self._on_registration = on_registration
        self._now_ms = now_ms
        self._parting_s = parting_s
        self._legs: dict[str, PbxLeg] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._client: PbxClient | None = None
        self._registration: PbxRegistration | None = None
        self._phones: asyncio.TimerHandle | None = None
        self._is_registered = False
        self._changed = asyncio.Event()
        """Set when a leg or the registration is gone: `stop` looks again."""
        self._pbx = (account.host, account.port)
        self.port = 0

    @property
    def client(self) -> PbxClient:
        """Writes our messages, once started."""
        if self._client is None:
            raise RuntimeError("the endpoint is not started")
        return self._client

    async def start(self) -> None:
        """Listen and register; SipError when the port is in use. That the PBX does not answer is logged and told."""
        settings = self._settings
        self._pbx = await self._find_pbx()
        address = (settings.sip_address, settings.sip_port)
        try:
            self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, address)
        except OSError as error:
            raise SipError(
                f"cannot listen ({error.strerror})",
                where=f"udp {address[0]}:{address[1]}",
                remedy="end what uses the port, or set sip_port in [telephony]",
            ) from error
        self.port = self._transport.get_extra_info("sockname")[1]
        host = settings.advertised_address or reachable_address(settings.sip_address)
        self._client = PbxClient(self._account, host, self.port, settings.user_agent)
        self._registration = PbxRegistration(self._client, self.send, self._registered)
        self._registration.start()
        logger.info("extension of a PBX", pbx=f"{self._account.host}:{self._account.port}", port=self.port)

    async def _find_pbx(self) -> tuple[str, int]:
        host, port = self._account.host, self._account.port
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, family=AF_INET, type=SOCK_DGRAM)
        except OSError as error:
            remedy = "write its address, or an entry for its name into /etc/hosts"
            raise SipError(f"the PBX has no IPv4 address ({error.strerror})", where=host, remedy=remedy) from error
        return str(found[0][4][0]), port

    async def stop(self) -> None:
        """Unregister, hang up what is left, wait a little for the answers, and free the port; harmless twice."""
        if self._transport is None or self._registration is None:
            return
        for leg in list(self._legs.values()):
            leg.hang_up()
        self._registration.stop()
        try:
            async with asyncio.timeout(self._parting_s):
                while self._legs or self._is_registered:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            logger.warning("the PBX did not answer our leaving", legs=len(self._legs))
        if self._is_registered:
            self._registered(False)
        for leg in self._legs.values():
            leg.put_away()
        self._registration.put_away()
        self._transport.close()
        self._legs, self._transport = {}, None

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
        """Call an extension or number (`tel:`) through the PBX; of a sip: URI its user. 503 before `start`."""
        user = target.removeprefix("tel:").removeprefix("sip:").partition("@")[0]
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        leg = PbxOutboundLeg(self, self.client.to_call(user, caller_number), media, timeout_s, lines)
        leg.tell(events)
        self._legs[leg.sip_call_id] = leg
        leg.start()
        return leg

    def send(self, text: str) -> None:
        """To the PBX; what cannot leave is lost, as on the network."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(text.encode(), self._pbx)

    def forget(self, leg: PbxLeg) -> None:
        """The leg's last transaction is over."""
        leg.put_away()
        self._legs.pop(leg.sip_call_id, None)
        self._changed.set()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A message of the PBX; from anybody else it is dropped, since only the PBX knows our extension."""
        if addr[0] != self._pbx[0] or not data.strip(b"\r\n\0"):
            return
        try:
            message = read_message(data)
        except SipError as error:
            logger.info("message dropped", reason=error.what)
            return
        if message.is_request:
            self._take_request(message)
        elif self._registration is not None and message.call_id == self._registration.call_id:
            self._registration.take_response(message)
        elif message.call_id in self._legs:
            self._legs[message.call_id].take_response(message)

    def _take_request(self, request: PbxMessage) -> None:
        leg = self._legs.get(request.call_id)
        if leg is not None:
            leg.take_request(request)
        elif request.method == "INVITE" and not request.tag("To"):
            self._take_call(request)
        elif request.method == "OPTIONS":
            self.send(self.client.write_response(request, 200, "OK", to_tag=self.client.gen_tag()))
        elif request.method != "ACK":
            self.send(self.client.write_response(request, 481, "Call Does Not Exist", to_tag=self.client.gen_tag()))

    def _take_call(self, invite: PbxMessage) -> None:
        if not invite.target:
            self.send(self.client.write_response(invite, 400, "Bad Request", to_tag=self.client.gen_tag()))
            return
        leg = PbxInboundLeg(self, invite, self.client.gen_tag())
        self._legs[leg.sip_call_id] = leg
        if not leg.open():
            return
        call = InboundCall(
            caller_number=invite.user("From"),
            called_number=invite.user("To"),
            trunk=TRUNK,
            sip_call_id=leg.sip_call_id,
            arrived_at_ms=self._now_ms(),
            media=leg.offered,
        )
        try:
            leg.tell(self._on_call(call, leg))
        except Exception:
            logger.exception("a call could not be taken up", sip_call_id=leg.sip_call_id)
            leg.reject(500, "Server Internal Error")

    def _registered(self, registered: bool) -> None:
        logger.info("registration at the PBX", registered=registered, user=self._account.user)
        self._is_registered = registered
        self._changed.set()
        self._tell_phones(registered)

    def _tell_phones(self, registered: bool) -> None:
        """The agents' phones at the PBX count as there while we are."""
        if self._phones is not None:
            self._phones.cancel()
            self._phones = None
        expires_at_ms = self._now_ms() + round(EXPIRES_S * 1000) if registered else 0
        for extension in self._extensions:
            change = PhoneChange(extension=extension, registered=registered, expires_at_ms=expires_at_ms)
            self._on_registration(change)
        if registered:
            self._phones = asyncio.get_running_loop().call_later(PHONES_EVERY_S, self._tell_phones, True)
