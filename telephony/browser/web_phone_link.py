"""A browser's connection: ICE with host candidates, DTLS-SRTP, and plain RTP on our side (through aiortc).

aiortc's own senders and receivers would decode and encode every frame; here its transport hands over the RTP itself,
since a browser that speaks G.711 needs no transcoding.
"""

import asyncio
import contextlib
import ipaddress
import random
import time
from collections.abc import Callable

import structlog
from aioice import Candidate, Connection
from aiortc import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)
from aiortc.rtcicetransport import candidate_from_aioice
from aiortc.sdp import candidate_to_sdp

from domain.errors import SipError
from telephony.browser.web_phone_sdp import BrowserOffer, OurSide
from telephony.media.rtp import SEQUENCE_SPAN, TIMESTAMP_SPAN
from telephony.media.rtp_splice import RtpSplice

LOOPBACK = "127.0.0.1"
CONNECT_WITHIN_S = 15.0

logger = structlog.get_logger()


class HostConnection(Connection):
    """Gathers host candidates of chosen addresses; aioice alone would take all of them but the loopback."""

    def __init__(self, address: str) -> None:
        super().__init__(ice_controlling=False, use_ipv6=False)
        self._address = address

    async def get_component_candidates(self, component: int, addresses: list[str], timeout: int = 5) -> list[Candidate]:
        every = ipaddress.ip_address(self._address).is_unspecified
        chosen = [*addresses, LOOPBACK] if every else [self._address]
        return await super().get_component_candidates(component, chosen, timeout)


class HostGatherer(RTCIceGatherer):
    """address: as of HostConnection."""

    def __init__(self, address: str) -> None:
        super().__init__(iceServers=[])
        self._connection = HostConnection(address)


class RtpTransport(RTCDtlsTransport):
    """Hands RTP over as it is; browsers' RTCP asks for nothing that A-law could give."""

    def __init__(self, ice: RTCIceTransport, on_rtp: Callable[[bytes], None], role: str) -> None:
        """role: of DTLS, client or server."""
        super().__init__(ice, [RTCCertificate.generateCertificate()])
        self._set_role(role)
        self._on_rtp = on_rtp

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        self._on_rtp(data)

    async def _handle_rtcp_data(self, data: bytes) -> None:
        pass

    async def send(self, datagram: bytes) -> None:
        await self._send_rtp(datagram)


class WebPhoneLink:
    """One connection, from the offer to its end. on_rtp: gets the browser's packets while it is up."""

    def __init__(self, address: str, offer: BrowserOffer, on_rtp: Callable[[bytes], None]) -> None:
        self._offer = offer
        self._gatherer = HostGatherer(address)
        self._ice = RTCIceTransport(self._gatherer)
        self._dtls = RtpTransport(self._ice, on_rtp, "client")
        self._ssrc = random.randrange(1, TIMESTAMP_SPAN)
        self._splice = RtpSplice(self._ssrc, random.randrange(SEQUENCE_SPAN), random.randrange(TIMESTAMP_SPAN))
        self._ended = asyncio.Event()

    async def prepare(self) -> OurSide:
        """Open our sockets; SipError when the address is not this machine's, or the browser named none of its own."""
        if not self._offer.candidates:
            raise SipError(
                "488: the browser hides its addresses",
                where="web phone offer",
                remedy="allow the microphone before connecting",
            )
        await self._gatherer.gather()
        candidates = self._gatherer.getLocalCandidates()
        if not candidates:
            await self._free()
            raise SipError(
                "503: no socket could be opened for the browser's sound",
                where="telephony.web_phone_address",
                remedy="name an IPv4 address of this machine, or 0.0.0.0 for all",
            )
        ours = self._gatherer.getLocalParameters()
        print_ = next(each for each in self._dtls.getLocalParameters().fingerprints if each.algorithm == "sha-256")
        return OurSide(
            user=ours.usernameFragment or "",
            password=ours.password or "",
            fingerprint=(print_.algorithm, print_.value),
            candidates=tuple(candidate_to_sdp(candidate) for candidate in candidates),
            ssrc=self._ssrc,
        )

    async def run(self, on_up: Callable[[], None]) -> None:
        """Connect, say so, and stay until the browser is lost or `close`; frees everything."""
        ended = asyncio.ensure_future(self._ended.wait())
        connecting = asyncio.ensure_future(self._connect())
        try:
            await asyncio.wait({connecting, ended}, timeout=CONNECT_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
            if connecting.done():
                connecting.result()
            if self._dtls.state == "connected" and not ended.done():
                self._dtls.on("statechange", self._look)
                on_up()
                self._look()
                await ended
            elif not ended.done():
                logger.info("a browser did not connect", ice=self._ice.state, dtls=self._dtls.state)
        finally:
            for task in (connecting, ended):
                task.cancel()
            await asyncio.wait({connecting, ended})
            await self._free()

    async def _connect(self) -> None:
        offer = self._offer
        for text in offer.candidates:
            await self._ice.addRemoteCandidate(candidate_from_aioice(Candidate.from_sdp(text)))
        await self._ice.addRemoteCandidate(None)
        await self._ice.start(RTCIceParameters(usernameFragment=offer.user, password=offer.password))
        if self._ice.state == "completed" and not self._ended.is_set():
            prints = [RTCDtlsFingerprint(algorithm=name, value=value) for name, value in offer.fingerprints]
            await self._dtls.start(RTCDtlsParameters(fingerprints=prints, role="server"))

    def _look(self) -> None:
        if self._dtls.state != "connected":
            self._ended.set()

    async def _free(self) -> None:
        await self._dtls.stop()
        await self._ice.stop()
        await self._gatherer._connection.close()

    def close(self) -> None:
        """`run` ends soon."""
        self._ended.set()

    async def send(self, datagram: bytes) -> None:
        """A packet of the media plane's to the browser; dropped when the connection is not up."""
        packet = self._splice.put(datagram, time.monotonic_ns() // 1_000_000)
        if packet is not None and self._dtls.state == "connected":
            with contextlib.suppress(ConnectionError):
                await self._dtls.send(packet)
