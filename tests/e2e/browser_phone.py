"""An agent whose telephone is a real browser: Chromium with a microphone that plays a file."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.async_api import Browser, Page, expect

from domain.g711 import RATE_HZ, alaw_decode
from hotline.running import RunningService
from recordings.wav import write_wav
from tests.desk.page_stage import started_playwright
from tests.e2e.conftest import peer
from tests.e2e.floor import DEADLINE_S

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
ENVELOPE_STEP = RATE_HZ // 50
"""The page's connections are kept where the test finds them: what they receive is measured in the page."""
KEEP_PEERS = """
window.peers = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...all) { super(...all); window.peers.push(this); }
};
"""
PITCH_HEARD = """
async () => {
  const peer = window.peers.findLast((each) => each.connectionState === "connected");
  if (!peer) return 0;
  const context = new AudioContext();
  await context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  context.createMediaStreamSource(new MediaStream([peer.getReceivers()[0].track])).connect(analyser);
  await new Promise((done) => setTimeout(done, 600));
  const power = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(power);
  const loudest = power.indexOf(Math.max(...power));
  const pitch = power[loudest] > -60 ? (loudest * context.sampleRate) / analyser.fftSize : 0;
  await context.close();
  return pitch;
}
"""


def tone(pitch_hz: float, seconds: float) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * pitch_hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)).astype(np.int16)


def envelope(samples: np.ndarray) -> np.ndarray:
    """Loudness in steps of 20 ms, in dB above a floor."""
    whole = samples[: len(samples) // ENVELOPE_STEP * ENVELOPE_STEP].astype(float).reshape(-1, ENVELOPE_STEP)
    return 10 * np.log10((whole**2).mean(axis=1) + 1e3)


def likeness(heard: bytes, said: np.ndarray) -> float:
    """How well the loudness of what was heard follows that of what is said over and over, -1..1, at the best shift."""
    got, model = envelope(alaw_decode(heard)), envelope(said)
    if len(got) < 50 or not got.std():
        return 0.0
    around = np.tile(model, len(got) // len(model) + 2)
    shifts = range(len(model))
    return max(float(np.corrcoef(got, around[shift : shift + len(got)])[0, 1]) for shift in shifts)


@dataclass
class BrowserAgent:
    """The desk of one agent in Chromium; says: what its microphone plays over and over."""

    page: Page
    browser: Browser
    says: np.ndarray

    async def sign_in(self, number: str, password: str) -> None:
        """To the desk, and at the browser as a telephone; then ready for calls."""
        page = self.page
        await page.goto("/desk")
        await page.get_by_label("用户名").fill(number)
        await page.get_by_label("密码").fill(password)
        await page.keyboard.press("Enter")
        await self.is_linked()
        await page.get_by_label("选择话机分机").select_option(f"web-{number}")
        await page.keyboard.press("F9")
        await self.phone_is("up")
        await self.is_ready()

    async def sign_out(self) -> None:
        """The call, if there is one, must be over."""
        pill = self.page.locator(".pill")
        await expect(pill).not_to_contain_text("通话中")
        await self.page.keyboard.press("F9")
        await expect(pill).to_contain_text("未签入")

    async def is_ready(self) -> None:
        """After a break, or after a call whose ticket stays a draft (which is asked about once)."""
        pill = self.page.locator(".pill")
        await expect(pill).to_contain_text(re.compile("话后|小休"))
        if "话后" in await pill.inner_text():
            await self.page.keyboard.press("F2")
            await expect(self.page.get_by_text("工单还没有提交").last).to_be_visible()
        await self.page.keyboard.press("F2")
        await expect(pill).to_contain_text("空闲")

    async def is_linked(self) -> None:
        """The desk answers."""
        await expect(self.page.get_by_text("已连接")).to_be_visible()

    async def touch(self) -> None:
        """Where the browser wants a click before it lets a page sound."""
        silenced = self.page.get_by_role("button", name="点这里打开声音")
        if await silenced.is_visible():
            await silenced.click()
            await expect(silenced).to_be_hidden()

    async def connections_made(self) -> int:
        """Since the page was loaded."""
        return int(await self.page.evaluate("window.peers.length"))

    async def phone_is(self, phase: str) -> None:
        await expect(self.page.locator(".phone .state")).to_have_attribute("data-phase", phase)

    async def rings(self) -> None:
        await expect(self.page.get_by_role("alertdialog")).to_be_visible()

    async def talks(self) -> None:
        await expect(self.page.locator(".pill")).to_contain_text("通话中")

    async def pitch_heard(self) -> float:
        """Of the loudest tone that comes out of the browser's connection, Hz."""
        return float(await self.page.evaluate(PITCH_HEARD))


@asynccontextmanager
async def browser_agent(running: RunningService, folder: Path, says: np.ndarray) -> AsyncIterator[BrowserAgent]:
    """says: 8 kHz samples of the agent's voice."""
    chromium = peer("chromium", "chromium")
    microphone = folder / "microphone.wav"
    wide = np.repeat(says, 6)
    write_wav(microphone, wide.reshape(-1, 1), RATE_HZ * 6)
    async with started_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=[*ARGUMENTS, f"--use-file-for-fake-audio-capture={microphone}"]
        )
        page = await browser.new_page(
            viewport={"width": 1366, "height": 768},
            locale="zh-CN",
            base_url=running.web,
            ignore_https_errors=True,
        )
        page.set_default_timeout(DEADLINE_S * 1000)
        expect.set_options(timeout=DEADLINE_S * 1000)
        await page.add_init_script(KEEP_PEERS)
        faults: list[str] = []
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        try:
            yield BrowserAgent(page, browser, says)
        finally:
            await browser.close()
    assert faults == []
