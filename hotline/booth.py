"""A place with synthetic telephones: one SIP endpoint and one media plane, for callers and for robot agents."""

import asyncio
from types import TracebackType
from typing import Self

from domain.errors import SipError
from hotline.phone_line import PhoneLine
from telephony.media.media_plane import RtpMediaPlane
from telephony.ports import Codec, InboundCall, LegEvents, MediaDescription, SipLeg
from telephony.settings import TelephonySettings
from telephony.sip.conf import General, Guests, SipConf
from telephony.sip.endpoint import SippyEndpoint
from telephony.sip.registration import RegistrationState

LOOPBACK = "127.0.0.1"
RING_TIMEOUT_S = 60.0


class PhoneBooth:
    """Use as `async with`. Calls that arrive are answered at once and wait in `arrived`. sip_port 0: a free one.

    sip_address: where that port is open, if not at the address by which the booth is called.
    """

    def __init__(self, address: str = LOOPBACK, *, sip_port: int = 0, sip_address: str = "") -> None:
        self._address = address
        settings = TelephonySettings(
            sip_address=sip_address or address,
            sip_port=sip_port,
            advertised_address=address if sip_address else "",
            rtp_address=address,
            rtp_port_first=0,
            user_agent="hotline12345 booth",
        )
        guests = SipConf(general=General(allow_guest=Guests.EVERYBODY))
        self._endpoint = SippyEndpoint(settings, guests, on_call=self._on_call, on_registration=lambda change: None)
        self._plane = RtpMediaPlane(settings)
        self.arrived: asyncio.Queue[PhoneLine] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        await self._plane.start()
        await self._endpoint.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._endpoint.stop()
        await self._plane.stop()

    async def register(self, server: str, user: str, password: str, timeout_s: float = 10) -> None:
        """Be the telephone `user` of the server host:port; SipError when it does not take us."""
        host, _, port = server.partition(":")
        state: asyncio.Future[RegistrationState] = asyncio.get_running_loop().create_future()

        def on_state(now: RegistrationState) -> None:
            if not state.done():
                state.set_result(now)

        self._endpoint.register_at((host, int(port or 5060)), user, password, on_state=on_state)
        try:
            reached = await asyncio.wait_for(state, timeout_s)
        except TimeoutError as error:
            raise SipError(f"{server} did not answer REGISTER", where=user, remedy="is the service up?") from error
        if not reached.registered:
            raise SipError(
                f"{server} refused the registration: {reached.status} {reached.reason}",
                where=user,
                remedy="check extension and password",
            )

    def call(self, target: str, caller_number: str) -> PhoneLine:
        """Call sip:user@host:port; the line says when it is answered."""
        line = PhoneLine(self._plane)
        line.leg = self._endpoint.place_call(
            target,
            caller_number=caller_number,
            media=self._describe(line.media.port),
            events=line,
            timeout_s=RING_TIMEOUT_S,
        )
        return line

    def _describe(self, port: int) -> MediaDescription:
        return MediaDescription(address=self._address, port=port, codec=Codec.PCMA, payload=8)

    def _on_call(self, call: InboundCall, leg: SipLeg) -> LegEvents:
        line = PhoneLine(self._plane)
        line.leg = leg
        if call.media is None:
            leg.reject(488, "Not Acceptable Here")
            return line
        leg.answer(self._describe(line.media.port))
        line.connect(call.media)
        self.arrived.put_nowait(line)
        return line
