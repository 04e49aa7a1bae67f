"""`python -m bench.web_phone`: browsers as telephones, ours beside aiortc's own senders and receivers.

So many browsers, joined two by two, talk for some seconds. Measured: processor time of the side that stands between
them (agents a core), how long a packet is on its way from one browser to the other, and what was lost. Ours goes
through the media plane with its jitter buffers, as calls do; the peer decodes and encodes each frame, as aiortc does
when it is used as it comes.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from bench.figure import Figure, percentile, report
from bus.memory import MemoryBus
from domain.call import DigitSource
from domain.topics import WEB_PHONE_COMMAND, WEB_PHONE_CONNECT
from domain.web_phone import ConnectWebPhone, TakeCall
from telephony.browser.web_phones import WebPhones
from telephony.media.media_plane import RtpMediaPlane
from telephony.ports import Codec, MediaDescription
from telephony.settings import TelephonySettings

PEER = "aiortc as it comes"
Answer = Callable[[list[str]], Awaitable[list[str]]]
Begin = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Measured:
    """cpu_percent: of one core, of the side between the browsers, while they talk."""

    browsers: int
    cpu_percent: float
    sent: int
    delays_ms: list[float]

    @property
    def agents_a_core(self) -> float:
        return 100 * self.browsers / self.cpu_percent

    @property
    def arrived_percent(self) -> float:
        return 100 * len(self.delays_ms) / self.sent

    def delay_ms(self, quantile: float) -> float:
        return percentile(self.delays_ms, quantile)


async def measure(browsers: int, seconds: float, answer: Answer, begin: Begin) -> Measured:
    """begin: once all are connected, before they talk."""
    load = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.browser_load", str(browsers),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 26,
    )  # fmt: skip
    assert load.stdin is not None
    assert load.stdout is not None

    async def heard() -> dict[str, Any]:
        assert load.stdout is not None
        told: dict[str, Any] = json.loads(await asyncio.wait_for(load.stdout.readline(), 120 + seconds))
        return told

    offers = (await heard())["offers"]
    load.stdin.write(json.dumps({"answers": await answer(offers)}).encode() + b"\n")
    connected = (await heard())["connected"]
    if connected != browsers:
        raise RuntimeError(f"only {connected} of {browsers} browsers connected")
    await begin()
    load.stdin.write(json.dumps({"talk_s": seconds}).encode() + b"\n")
    wall, cpu = time.monotonic(), time.process_time()
    result = await heard()
    used = 100 * (time.process_time() - cpu) / (time.monotonic() - wall)
    await load.wait()
    return Measured(browsers, used, result["sent"], result["delays_ms"])


class _Talker:
    """LegEvents and MediaEvents of one browser's call: only its answer matters here."""

    def __init__(self, plane: RtpMediaPlane) -> None:
        self.media = plane.open_leg(self)
        self.answered = asyncio.Event()

    def on_answered(self, media: MediaDescription) -> None:
        self.media.connect(media)
        self.answered.set()

    def on_progress(self, status: int, media: MediaDescription | None = None) -> None: ...

    def on_media_changed(self, media: MediaDescription) -> None: ...

    def on_digit(self, digit: str, source: DigitSource = DigitSource.INFO) -> None: ...

    def on_transfer_asked(self, target: str, replaces: str) -> None: ...

    def on_ended(self, *, by_remote: bool, status: int, reason: str) -> None: ...

    def on_played(self, token: int) -> None: ...

    def on_chunk(self, media_ms: int, alaw: bytes) -> None: ...

    def on_silent(self, seconds: float) -> None: ...

    def on_back(self) -> None: ...


async def ours(browsers: int, seconds: float) -> Measured:
    """The web phones and the media plane, in this process."""
    settings = TelephonySettings(rtp_port_first=0)
    bus, plane = MemoryBus(), RtpMediaPlane(settings)
    phones = WebPhones(settings, bus, on_registration=lambda change: None, now_ms=lambda: time.time_ns() // 1_000_000)
    await plane.start()
    await phones.start()
    keys = [(str(number), f"connection{number}") for number in range(browsers)]

    async def answer(offers: list[str]) -> list[str]:
        answers = []
        for (agent_id, connection_id), offer in zip(keys, offers, strict=True):
            ask = ConnectWebPhone(agent_id=agent_id, connection_id=connection_id, offer=offer)
            answers.append((await bus.request(WEB_PHONE_CONNECT, (), ask, timeout_s=10)).answer)
        return answers

    async def begin() -> None:
        await asyncio.sleep(1)
        talkers = [_Talker(plane) for _ in keys]
        for (agent_id, connection_id), talker in zip(keys, talkers, strict=True):
            media = MediaDescription(address="127.0.0.1", port=talker.media.port, codec=Codec.PCMA, payload=8)
            phones.place_call(f"web-{agent_id}", media=media, events=talker, timeout_s=30)
            await bus.request(WEB_PHONE_COMMAND, (agent_id, connection_id), TakeCall(number=1), timeout_s=10)
            await asyncio.wait_for(talker.answered.wait(), 10)
        for one, other in zip(talkers[::2], talkers[1::2], strict=True):
            plane.hear(one.media, (other.media,))
            plane.hear(other.media, (one.media,))

    try:
        return await measure(browsers, seconds, answer, begin)
    finally:
        await phones.stop()
        await plane.stop()


async def as_it_comes(browsers: int, seconds: float) -> Measured:
    """Peer connections of aiortc, each sending the track that its partner receives."""
    peers = [RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(browsers)]

    async def answer(offers: list[str]) -> list[str]:
        tracks: list[MediaStreamTrack] = []
        for peer, offer in zip(peers, offers, strict=True):
            await peer.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
            tracks.append(peer.getReceivers()[0].track)
        for number, peer in enumerate(peers):
            peer.addTrack(tracks[number ^ 1])
            await peer.setLocalDescription(await peer.createAnswer())
        return [peer.localDescription.sdp for peer in peers]

    async def begin() -> None:
        await asyncio.sleep(1)

    try:
        return await measure(browsers, seconds, answer, begin)
    finally:
        for peer in peers:
            await peer.close()


async def figures(browsers: int, seconds: float) -> list[Figure]:
    """Ours and the peer under the same load, one after the other."""
    mine, peer = await ours(browsers, seconds), await as_it_comes(browsers, seconds)
    for name, each in (("ours", mine), (PEER, peer)):
        print(f"{name}: {browsers} browsers, {each.cpu_percent:.0f} % of a core, {each.arrived_percent:.2f} % arrived")
    return [
        Figure("web_phone_agents_a_core", mine.agents_a_core, "", 30, "higher", PEER, peer.agents_a_core),
        Figure("web_phone_arrived_percent", mine.arrived_percent, "%", 99.0, "higher", PEER, peer.arrived_percent),
        Figure("web_phone_delay_p50_ms", mine.delay_ms(50), "ms", 80, "lower", PEER, peer.delay_ms(50)),
        Figure("web_phone_delay_p99_ms", mine.delay_ms(99), "ms", None, "lower", PEER, peer.delay_ms(99)),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--browsers", type=int, default=16, help="an even number")
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    raise SystemExit(report(asyncio.run(figures(options.browsers, options.seconds))))


if __name__ == "__main__":
    main()
