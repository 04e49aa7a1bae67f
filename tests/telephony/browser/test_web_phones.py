"""Browser telephones with a real media plane and another WebRTC stack: connections, calls, sound in both directions."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

from bus.memory import MemoryBus
from domain.errors import NoResponderError
from domain.g711 import RATE_HZ, alaw_decode, alaw_encode
from domain.topics import WEB_PHONE_CONNECT
from domain.web_phone import ConnectWebPhone, EndCall, LeavePhone, RefuseCall, StayAlive, TakeCall, WebCallStage
from telephony.browser import web_phone_device
from telephony.browser.web_phones import WebPhones
from telephony.calls.exchange import Exchange
from telephony.media.media_plane import RtpMediaPlane
from telephony.ports import MediaDescription
from telephony.settings import TelephonySettings
from telephony.sip.phones import PhoneChange
from tests.telephony.browser.test_web_phone_sdp import CHROMIUM
from tests.telephony.browser_peer import BrowserPeer, pitch_share
from tests.telephony.fake_ports import FakeEndpoint, describe

pytestmark = pytest.mark.slow


async def happens(look, what: str, timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not look():
        assert time.monotonic() < deadline, f"{what}: not within {timeout_s} s"
        await asyncio.sleep(0.02)


class Caller:
    """Who calls the browser: LegEvents and MediaEvents, hears by the media plane, plays a tone."""

    def __init__(self, plane: RtpMediaPlane) -> None:
        self.media = plane.open_leg(self)
        self.progress: list[int] = []
        self.described: list[MediaDescription] = []
        self.digits: list[str] = []
        self.heard = bytearray()
        self.end: tuple[bool, int, str] | None = None

    def call(self, exchange: Exchange, target: str, timeout_s: float = 20.0):
        media = describe(self.media.port)
        self.leg = exchange.place_call(target, caller_number="139", media=media, events=self, timeout_s=timeout_s)
        return self.leg

    def on_progress(self, status, media=None) -> None:
        self.progress.append(status)

    def on_answered(self, media) -> None:
        self.described.append(media)
        self.media.connect(media)
        self.media.listen(0)
        tone = 8000 * np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ) / RATE_HZ)
        self.media.play(alaw_encode(tone.astype(np.int16)), token=1, loop=True)

    def on_media_changed(self, media) -> None:
        self.described.append(media)
        self.media.connect(media)

    def on_digit(self, digit, source=None) -> None:
        self.digits.append(digit)

    def on_transfer_asked(self, target, replaces) -> None: ...

    def on_ended(self, *, by_remote, status, reason) -> None:
        self.end = (by_remote, status, reason)
        self.media.close()

    def on_played(self, token) -> None: ...

    def on_chunk(self, media_ms, alaw) -> None:
        self.heard += alaw

    def on_silent(self, seconds) -> None: ...

    def on_back(self) -> None: ...

    def hears(self, pitch_hz: float) -> bool:
        return pitch_share(alaw_decode(bytes(self.heard[-4000:])).astype(float), pitch_hz) > 0.9


@dataclass
class House:
    bus: MemoryBus
    plane: RtpMediaPlane
    phones: WebPhones
    exchange: Exchange
    sip: FakeEndpoint
    changes: list[PhoneChange] = field(default_factory=list)

    def caller(self) -> Caller:
        return Caller(self.plane)


@asynccontextmanager
async def opened(rtp_address: str = "127.0.0.1") -> AsyncIterator[House]:
    settings = TelephonySettings(rtp_port_first=0, rtp_address=rtp_address, web_phone_grace_s=3)
    bus, plane, changes = MemoryBus(), RtpMediaPlane(settings), []
    phones = WebPhones(settings, bus, on_registration=changes.append, now_ms=lambda: time.time_ns() // 1_000_000)
    sip = FakeEndpoint()
    exchange = Exchange(sip, phones)
    await plane.start()
    await exchange.start()
    yield House(bus, plane, phones, exchange, sip, changes)
    await exchange.stop()
    await plane.stop()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened() as house:
        yield house


async def take(browser: BrowserPeer, number: int) -> None:
    await browser.sees(lambda view: view.call is not None and view.call.stage is WebCallStage.RINGING)
    assert (await browser.command(TakeCall(number=number))).accepted


async def talk(browser: BrowserPeer, caller: Caller, pitch_hz: float) -> None:
    """Each hears the other's tone."""
    await happens(lambda: caller.hears(pitch_hz), "the caller hears the browser")
    browser.heard.clear()
    await happens(
        lambda: pitch_share(np.concatenate([np.zeros(1), *browser.heard[-25:]]), 1000) > 0.9,
        "the browser hears the caller",
    )


async def test_calls_one_after_the_other_on_one_connection(house):
    browser = BrowserPeer(house.bus, "8001", "a" * 20)
    assert (await browser.connect()).accepted
    assert [(change.extension, change.registered) for change in house.changes] == [("web-8001", True)]
    for number in (1, 2):
        caller = house.caller()
        caller.call(house.exchange, "web-8001")
        await take(browser, number)
        await talk(browser, caller, 440)
        assert caller.progress == [180]
        if number == 1:
            await browser.command(EndCall(number=1))
        else:
            caller.leg.hang_up()
        await happens(lambda caller=caller: caller.end is not None, "the call is over")
        assert caller.end == (number == 1, 200, "OK")
        await browser.sees(lambda view: view.call is None and view.up)
    refused = house.caller()
    refused.call(house.exchange, "web-8001")
    await browser.sees(lambda view: view.call is not None)
    await browser.command(RefuseCall(number=3))
    await happens(lambda: refused.end == (True, 603, "Decline"), "the call is refused")
    assert (await browser.command(LeavePhone())).accepted
    await happens(lambda: not house.changes[-1].registered, "the telephone is gone")
    await browser.close()


@pytest.mark.parametrize("rtp_address", ["0.0.0.0", "::", "::1"])
async def test_wherever_the_media_plane_listens(rtp_address):
    async with opened(rtp_address) as house:
        browser, caller = BrowserPeer(house.bus, "8001", "a" * 20), house.caller()
        await browser.connect()
        caller.call(house.exchange, "web-8001")
        await take(browser, 1)
        await talk(browser, caller, 440)
        await browser.close()


async def test_a_lost_connection_holds_the_call_until_the_next_one(house):
    first = BrowserPeer(house.bus, "8001", "a" * 20)
    await first.connect()
    caller = house.caller()
    caller.call(house.exchange, "web-8001")
    await take(first, 1)
    await talk(first, caller, 440)
    await first.close()
    await happens(lambda: not caller.described[-1].sends, "the caller is held")
    second = BrowserPeer(house.bus, "8001", "b" * 20, pitch_hz=600)
    await second.connect()
    await happens(lambda: caller.described[-1].sends, "the caller is back")
    await talk(second, caller, 600)
    with pytest.raises(NoResponderError):
        await first.command(StayAlive())
    await second.close()
    await happens(lambda: caller.end == (True, 480, "Temporarily Unavailable"), "the call is given up")
    assert [change.registered for change in house.changes] == [True, False]


async def test_a_browser_that_sends_nothing_in_a_call_is_held_until_it_does(house, monkeypatch):
    monkeypatch.setattr(web_phone_device, "DEAF_AFTER_S", 0.6)
    browser, caller = BrowserPeer(house.bus, "8001", "a" * 20), house.caller()
    await browser.connect()
    caller.call(house.exchange, "web-8001")
    await take(browser, 1)
    await talk(browser, caller, 440)
    browser.speak(False)
    await happens(lambda: not caller.described[-1].sends, "the caller is held")
    await asyncio.sleep(1.5)
    assert [media.sends for media in caller.described] == [True, False], "held, and not again and again"
    browser.speak(True)
    await happens(lambda: caller.described[-1].sends, "the caller is back")
    await talk(browser, caller, 440)
    await browser.close()


async def test_a_page_that_tries_without_end_is_refused_after_some_tries(house):
    offer = CHROMIUM.replace("192.0.2.2", "127.0.0.1")
    asks = [ConnectWebPhone(agent_id="8001", connection_id=f"c{number}", offer=offer) for number in range(9)]
    replies = [await house.bus.request(WEB_PHONE_CONNECT, (), ask, timeout_s=5) for ask in asks]
    assert [reply.accepted for reply in replies] == [True] * 8 + [False]


async def test_a_second_page_takes_over_and_the_first_is_told(house):
    first, second = (BrowserPeer(house.bus, "8001", name * 20) for name in "ab")
    await first.connect()
    await second.connect()
    await first.sees(lambda view: view.connection_id == "b" * 20)
    caller = house.caller()
    caller.call(house.exchange, "web-8001")
    await take(second, 1)
    await talk(second, caller, 440)
    caller.leg.hang_up()
    await second.sees(lambda view: view.call is None)
    await first.close()
    await second.close()


async def test_who_cannot_be_called(house):
    caller = house.caller()
    caller.call(house.exchange, "web-8002")
    await happens(lambda: caller.end == (True, 480, "Temporarily Unavailable"), "nobody is there")
    other = house.caller()
    other.call(house.exchange, "8001")
    assert list(house.sip.placed) == ["8001"]


async def test_an_offer_that_cannot_be_answered(house):
    ask = ConnectWebPhone(agent_id="8001", connection_id="c" * 20, offer="v=0\r\n")
    reply = await house.bus.request(WEB_PHONE_CONNECT, (), ask, timeout_s=5)
    assert (reply.accepted, reply.code) == (False, "web_phone_refused")
