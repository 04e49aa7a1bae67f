"""Whether each role answers: asked from outside, as its users ask."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable

import httpx

from domain.errors import BusError
from domain.knowledge import SearchKnowledge
from domain.ports import Bus
from domain.queueing import SnapshotRequest
from domain.speech import ListenerAlive
from domain.topics import ASR_ALIVE, KNOWLEDGE_SEARCH, QUEUE_SNAPSHOT
from hotline.config import Settings
from hotline.desk_tls import DeskTls, find_tls, trust
from hotline.roles import METRICS_OFFSET, Role

AGAIN_AFTER_S = 0.2


def readiness_checks(settings: Settings, bus: Bus) -> dict[Role, Callable[[], Awaitable[None]]]:
    """For each role a coroutine that returns when it answers; each goes on asking until then."""
    tls = find_tls(settings.desk, settings.service.data_dir)
    web = f"{settings.desk.scheme}://{settings.desk.host}:{settings.desk.port}"
    inspect_port = settings.service.metrics_base_port + METRICS_OFFSET[Role.INSPECT]
    checks: dict[Role, Callable[[], Awaitable[None]]] = {
        Role.QUEUE: lambda: _until(lambda: _ask_queue(bus)),
        Role.LISTEN: lambda: _hear_listener(bus),
        Role.ASSIST: lambda: _until(lambda: _ask_knowledge(bus)),
        Role.DESK: lambda: _until(lambda: _get(f"{web}/healthz", tls)),
        Role.SWITCH: lambda: _until(lambda: _ask_sip(settings.telephony.sip_address, settings.telephony.sip_port)),
    }
    if settings.service.metrics_base_port:
        checks[Role.INSPECT] = lambda: _until(lambda: _get(f"http://127.0.0.1:{inspect_port}/metrics"))
    return checks


async def _until(ask: Callable[[], Awaitable[bool]]) -> None:
    while True:
        if await ask():
            return
        await asyncio.sleep(AGAIN_AFTER_S)


async def _ask_queue(bus: Bus) -> bool:
    with contextlib.suppress(BusError):
        await bus.request(QUEUE_SNAPSHOT, (), SnapshotRequest(), timeout_s=1)
        return True
    return False


async def _ask_knowledge(bus: Bus) -> bool:
    with contextlib.suppress(BusError):
        await bus.request(KNOWLEDGE_SEARCH, (), SearchKnowledge(query="噪声", limit=1), timeout_s=2)
        return True
    return False


async def _hear_listener(bus: Bus) -> None:
    heard = asyncio.Event()

    async def on_alive(_subject: str, _alive: ListenerAlive) -> None:
        heard.set()

    subscription = await bus.subscribe(ASR_ALIVE, (), on_alive)
    await heard.wait()
    await subscription.close()


async def _get(url: str, tls: DeskTls | None = None) -> bool:
    if tls is not None and not tls.certificate.exists():
        return False
    verify = trust(str(tls.certificate)) if tls else True
    async with httpx.AsyncClient(timeout=2, trust_env=False, verify=verify) as client:
        with contextlib.suppress(httpx.HTTPError):
            return (await client.get(url)).is_success
    return False


class _Answer(asyncio.DatagramProtocol):
    def __init__(self, answered: "asyncio.Future[bool]") -> None:
        self._answered = answered

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        if not self._answered.done():
            self._answered.set_result(data.startswith(b"SIP/2.0 200"))

    def error_received(self, exc: Exception) -> None:
        if not self._answered.done():
            self._answered.set_result(False)


async def _ask_sip(host: str, port: int) -> bool:
    """OPTIONS, as a trunk's keep-alive does (RFC 3261 §11)."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[bool] = loop.create_future()
    asked = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
    transport, _ = await loop.create_datagram_endpoint(lambda: _Answer(answered), remote_addr=(asked, port))
    own_host, own_port = transport.get_extra_info("sockname")[:2]
    tag = secrets.token_hex(6)
    request = (
        f"OPTIONS sip:{asked}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {own_host}:{own_port};branch=z9hG4bK{tag};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:ready@{own_host}:{own_port}>;tag={tag}\r\nTo: <sip:{asked}:{port}>\r\n"
        f"Call-ID: {tag}@{own_host}\r\nCSeq: 1 OPTIONS\r\nContact: <sip:ready@{own_host}:{own_port}>\r\n"
        "Content-Length: 0\r\n\r\n"
    )
    transport.sendto(request.encode())
    try:
        return await asyncio.wait_for(answered, 1)
    except TimeoutError:
        return False
    finally:
        transport.close()
