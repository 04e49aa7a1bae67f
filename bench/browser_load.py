"""Browsers for the bench: ICE, DTLS-SRTP and A-law packets that carry their time, in a process of its own.

Talks by lines of JSON: says {"offers": [SDP, …]}; hears {"answers": [SDP, …]}; says {"connected": number}; hears
{"talk_s": seconds}; says {"sent": packets, "delays_ms": [one for each packet that came]}.
"""

import asyncio
import json
import struct
import sys
import time

from aiortc import RTCDtlsParameters, RTCIceParameters, RTCIceTransport
from aiortc.sdp import SessionDescription, candidate_to_sdp

from telephony.browser.web_phone_link import LOOPBACK, HostGatherer, RtpTransport
from telephony.media.rtp import HEADER_BYTES, build_rtp

FRAME_S = 0.02
_STAMP = struct.Struct(">4sQ")
_MARK = b"hot5"


class LoadBrowser:
    """Speaks every 20 ms once it is connected; each packet says when it left."""

    def __init__(self, number: int) -> None:
        self.sent = 0
        self.delays_ms: list[float] = []
        self._ssrc = 1000 + number
        self._gatherer = HostGatherer(LOOPBACK)
        self._gatherer._connection.ice_controlling = True
        self._ice = RTCIceTransport(self._gatherer)
        self._dtls = RtpTransport(self._ice, self._hear, "server")

    async def offer(self) -> str:
        await self._gatherer.gather()
        ours = self._gatherer.getLocalParameters()
        prints = self._dtls.getLocalParameters().fingerprints
        candidates = [candidate_to_sdp(each) for each in self._gatherer.getLocalCandidates()]
        lines = [
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
            "m=audio 9 UDP/TLS/RTP/SAVPF 8", "c=IN IP4 127.0.0.1", "a=mid:0", "a=sendrecv", "a=rtcp-mux",
            "a=rtpmap:8 PCMA/8000", f"a=ice-ufrag:{ours.usernameFragment}", f"a=ice-pwd:{ours.password}",
            *(f"a=fingerprint:{each.algorithm} {each.value}" for each in prints if each.algorithm == "sha-256"),
            "a=setup:actpass", *(f"a=candidate:{each}" for each in candidates), "a=end-of-candidates",
        ]  # fmt: skip
        return "\r\n".join(lines) + "\r\n"

    async def connect(self, answer: str) -> bool:
        audio = SessionDescription.parse(answer).media[0]
        for candidate in audio.ice_candidates:
            await self._ice.addRemoteCandidate(candidate)
        await self._ice.addRemoteCandidate(None)
        ice = audio.ice or RTCIceParameters()
        await self._ice.start(RTCIceParameters(usernameFragment=ice.usernameFragment, password=ice.password))
        await self._dtls.start(audio.dtls or RTCDtlsParameters())
        return self._dtls.state == "connected"

    async def speak(self) -> None:
        self.sent += 1
        sound = _STAMP.pack(_MARK, time.monotonic_ns()).ljust(160, b"\x55")
        await self._dtls.send(build_rtp(8, self.sent, self.sent * 160, self._ssrc, sound))

    def _hear(self, datagram: bytes) -> None:
        mark, left_ns = _STAMP.unpack_from(datagram, HEADER_BYTES)
        if mark == _MARK:
            self.delays_ms.append((time.monotonic_ns() - left_ns) / 1e6)


async def _talk(browsers: list[LoadBrowser], seconds: float) -> None:
    """All of them, spread over the 20 ms as people's clocks are."""
    begin = time.monotonic()
    step_s = FRAME_S / len(browsers)
    for number in range(int(seconds / FRAME_S) * len(browsers)):
        wait_s = begin + number * step_s - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        await browsers[number % len(browsers)].speak()
    await asyncio.sleep(0.5)


async def _run(count: int) -> None:
    loop = asyncio.get_running_loop()

    async def heard() -> dict[str, object]:
        told: dict[str, object] = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
        return told

    browsers = [LoadBrowser(number) for number in range(count)]
    _say(offers=[await browser.offer() for browser in browsers])
    answers = (await heard())["answers"]
    assert isinstance(answers, list)
    connected = await asyncio.gather(*map(LoadBrowser.connect, browsers, answers))
    _say(connected=sum(connected))
    talk_s = (await heard())["talk_s"]
    assert isinstance(talk_s, float)
    await _talk(browsers, talk_s)
    delays = [delay for browser in browsers for delay in browser.delays_ms]
    _say(sent=sum(browser.sent for browser in browsers), delays_ms=delays)


def _say(**said: object) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1])))
