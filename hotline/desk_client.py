"""A program that uses the desk as an agent's browser does: signs in, commands, reads, and hears the live messages."""

import asyncio
import contextlib
import json
import ssl
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
import websockets

from domain.errors import HotlineError
from domain.speech import SpokenWords, as_said
from hotline.desk_tls import trust

SESSION_COOKIE = "hotline_session"


def said_in(utterance: dict[str, Any]) -> str:
    """The words of an utterance as they were said, numbers too."""
    spoken = [SpokenWords(one["start"], one["end"], one["words"]) for one in utterance["spoken"]]
    return as_said(utterance["text"], spoken)


class DeskError(HotlineError):
    """The desk refused or did not answer."""


@dataclass(frozen=True)
class LiveMessage:
    """One message of /api/live. at_ms: wall clock (Unix, ms) when it came."""

    at_ms: int
    type: str
    body: dict[str, Any]


@dataclass
class DeskClient:
    """One signed-in user. base: http(s)://host:port; certificate: the file of the one to trust, for https."""

    base: str
    certificate: str = ""
    live: list[LiveMessage] = field(default_factory=list)
    _http: httpx.AsyncClient = field(init=False)
    _tls: ssl.SSLContext | None = field(init=False, default=None)
    _listener: asyncio.Task[None] | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __aenter__(self) -> Self:
        self._tls = trust(self.certificate) if self.certificate else None
        self._http = httpx.AsyncClient(
            base_url=self.base, timeout=10, headers={"Origin": self.base}, trust_env=False, verify=self._tls or True
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener is not None:
            self._listener.cancel()
            # A desk that went away has ended the live messages already; whoever asks it something is told.
            with contextlib.suppress(asyncio.CancelledError, websockets.ConnectionClosed):
                await self._listener
        await self._http.aclose()

    async def sign_in(self, username: str, password: str) -> dict[str, Any]:
        """The user, as the session shows it; the live messages are collected from now on."""
        answer = await self.call("POST", "/api/session", {"username": username, "password": password})
        socket = await websockets.connect(
            self.base.replace("http", "ws", 1) + "/api/live",
            additional_headers={"Cookie": f"{SESSION_COOKIE}={self._http.cookies[SESSION_COOKIE]}"},
            origin=websockets.Origin(self.base),
            ssl=self._tls,
            proxy=None,
        )
        self._listener = asyncio.create_task(self._listen(socket))
        user: dict[str, Any] = answer["user"]
        return user

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request of the JSON API; DeskError with the desk's own words when it refuses."""
        try:
            response = await self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise DeskError(f"{method} {path}: {error!r}", where=self.base, remedy="is the service up?") from error
        if response.is_error:
            raise DeskError(f"{method} {path}: {response.status_code} {response.text[:300]}", where=self.base)
        answer: dict[str, Any] = response.json() if response.content else {}
        return answer

    async def read(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """A resource that is not JSON."""
        return await self._http.get(path, headers=headers)

    async def wait_for(self, kind: str, timeout_s: float, **wanted: Any) -> LiveMessage:
        """The first live message, come or to come, of this type whose body has these values."""

        def find() -> LiveMessage | None:
            for message in self.live:
                if message.type == kind and all(message.body.get(key) == value for key, value in wanted.items()):
                    return message
            return None

        try:
            async with asyncio.timeout(timeout_s), self._news:
                while (found := find()) is None:
                    await self._news.wait()
                return found
        except TimeoutError as error:
            raise DeskError(f"no live message '{kind}' {wanted} within {timeout_s:.0f} s", where=self.base) from error

    async def _listen(self, socket: websockets.ClientConnection) -> None:
        async with socket:
            async for text in socket:
                body = json.loads(text)
                async with self._news:
                    self.live.append(LiveMessage(time.time_ns() // 1_000_000, body["type"], body))
                    self._news.notify_all()
