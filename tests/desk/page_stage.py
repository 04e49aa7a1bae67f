"""A real browser before a real desk: the queue is a fake at its port, the bus is in memory."""

import asyncio
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Page, Playwright, async_playwright, expect

from domain.agent import (
    AgentCommand,
    AgentReply,
    AgentState,
    AgentStatus,
    PhoneState,
    SetReady,
    SignIn,
    SignOut,
    TakeBreak,
)
from domain.topics import AGENT_COMMAND, AGENT_STATE, PHONE_STATE
from telephony.media.real_time import be_ordinary

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DEADLINE_S = 30.0
"""For what takes a moment on an idle machine."""
STATIC = Path(__file__).parents[2] / "desk" / "static"


class FakeQueue:
    """Lets the agent 8001 do as commanded."""

    def __init__(self, house) -> None:
        self._house = house
        self._count = 0
        self.answering = asyncio.Event()
        """While it is clear, answers to commands stay away; the states that they bring about are told all the same."""
        self.answering.set()

    async def start(self) -> None:
        await self._house.bus.serve(AGENT_COMMAND, ("8001",), self._answer)
        now = self._house.clock()
        phone = PhoneState(extension="8001", registered=True, switch_id="s", at_ms=now, expires_at_ms=now + 3_600_000)
        await self._house.log.append(PHONE_STATE, ("8001",), phone, event_id="phone")

    async def become(self, state: AgentState, call_id: str = "", *, registered: bool = True) -> AgentStatus:
        self._count += 1
        now = self._house.clock()
        status = AgentStatus(
            agent_id="8001",
            name="林晓梅",
            extension="8001",
            state=state,
            since_ms=now,
            at_ms=now + self._count,
            call_id=call_id,
            phone_registered=registered,
        )
        await self._house.log.append(AGENT_STATE, ("8001",), status, event_id=f"state{self._count}")
        return status

    async def _answer(self, _subject: str, command: AgentCommand) -> AgentReply:
        match command:
            case SetReady():
                state = AgentState.READY
            case SignIn() | TakeBreak():
                state = AgentState.BREAK
            case SignOut():
                state = AgentState.SIGNED_OUT
        status = await self.become(state)
        await self.answering.wait()
        return AgentReply(accepted=True, status=status)


@asynccontextmanager
async def served(house) -> AsyncIterator[str]:
    """The desk at a free port; its clock is set to the wall's, since the browser's runs."""
    house.clock.now_ms = int(time.time() * 1000)
    server = uvicorn.Server(uvicorn.Config(house.app, lifespan="off", log_config=None))
    # It listens already, so that nobody who comes before the server runs is turned away.
    listener = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def started_playwright() -> AsyncIterator[Playwright]:
    """In ordinary time, also where this thread is in real time for its media: what Playwright starts inherits that, and
    a browser in real time was seen to keep a core, and itself from ending, for ever."""
    schedule = os.sched_getscheduler(0), os.sched_getparam(0)
    be_ordinary()
    async with async_playwright() as playwright:
        os.sched_setscheduler(0, *schedule)
        yield playwright


@asynccontextmanager
async def browsed(address: str, *more: str) -> AsyncIterator[Page]:
    """A page of an office monitor's size, that fails the test when it asks anything of another host.

    more: arguments for Chromium.
    """
    chromium = shutil.which("chromium")
    if chromium is None or not (STATIC / "index.html").is_file():
        missing = "no chromium (install it)" if chromium is None else "no pages (python -m hotline.web_build)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    foreign: list[str] = []
    async with started_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS, *more])
        page = await browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN", base_url=address)
        page.set_default_timeout(DEADLINE_S * 1000)
        expect.set_options(timeout=DEADLINE_S * 1000)
        page.on("request", lambda asked: None if asked.url.startswith(address) else foreign.append(asked.url))
        faults: list[str] = []
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        try:
            yield page
        finally:
            await browser.close()
    assert faults == []
    own = ("data:", "blob:", address.replace("http", "ws", 1))
    assert [url for url in foreign if not url.startswith(own)] == []


async def keep_picture(page: Page, name: str) -> None:
    """Into the folder that HOTLINE_SCREENSHOTS names, for docs/screenshots."""
    folder = os.environ.get("HOTLINE_SCREENSHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png")
