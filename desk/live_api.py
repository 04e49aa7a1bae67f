"""The live channel: WS /api/live. The server speaks; a page that may watch can say which calls it follows.

Who begins to watch a call is told it as it is at that moment: what a page has fetched before may lack words that were
said until its wish to watch came here.
"""

import asyncio
import contextlib
from typing import Annotated, Literal

import msgspec
import structlog
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from desk import metrics
from desk.api_error import ApiError
from desk.desk import Desk, desk_of
from desk.gate import check_origin
from desk.live import Viewer
from desk.outbox import live_message
from storage import agents

router = APIRouter()
logger = structlog.get_logger()

CLOSED_TRY_AGAIN = 1013
CLOSED_REFUSED = 1008
_MOST_WATCHED = 50


class Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """{"type": "watch" | "unwatch", "call_id": …}; agents' own calls come without asking."""

    type: Literal["watch", "unwatch"]
    call_id: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{1,64}$")]


_WATCH = msgspec.json.Decoder(Watch)


@router.websocket("/api/live")
async def live(socket: WebSocket) -> None:
    desk = desk_of(socket)
    try:
        check_origin(socket, safe=False)
        session = await desk.gate.session(socket)
    except ApiError as error:
        logger.info("live channel refused", code=error.code)
        await socket.close(CLOSED_REFUSED)
        return
    await socket.accept()
    viewer = Viewer(session.user, session.token_hash)
    desk.hub.attach(viewer)
    try:
        await _greet(desk, viewer)
        await _converse(desk, socket, viewer)
    finally:
        desk.hub.detach(viewer)


async def _greet(desk: Desk, viewer: Viewer) -> None:
    """What is true now, so that a page need not wait for the next change."""
    queue = desk.switchboard.queue
    viewer.outbox.put(live_message("numbers", {"numbers": desk.board.numbers()}, key="numbers"))
    members: dict[str, object] = {"waiting": queue.waiting, "longest_wait_ms": queue.longest_wait_ms}
    viewer.outbox.put(live_message("queue", members, key="queue"))
    if not viewer.user.agent_id:
        return
    async with desk.services.database.read() as tx:
        status = await agents.find(tx, viewer.user.agent_id)
    if status is not None:
        viewer.outbox.offer(live_message("agent", {"status": status}, key=f"agent.{status.agent_id}"))


async def _converse(desk: Desk, socket: WebSocket, viewer: Viewer) -> None:
    """Until either side has had enough."""
    talking = [asyncio.create_task(_send(socket, viewer)), asyncio.create_task(_receive(desk, socket, viewer))]
    try:
        await asyncio.wait(talking, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in talking:
            task.cancel()
        results = await asyncio.gather(*talking, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
            raise result


async def _send(socket: WebSocket, viewer: Viewer) -> None:
    while (message := await viewer.outbox.take()) is not None:
        await socket.send_text(message.body.decode())
        metrics.PUSHED.labels(message.type).inc()
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(CLOSED_TRY_AGAIN)


async def _receive(desk: Desk, socket: WebSocket, viewer: Viewer) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        try:
            wish = _WATCH.decode(message.get("text") or message.get("bytes") or b"")
        except msgspec.DecodeError:
            logger.info("live channel: a message that is none")
            continue
        if viewer.is_agent:
            continue
        if wish.type == "unwatch":
            viewer.watched.discard(wish.call_id)
        elif wish.call_id not in viewer.watched and len(viewer.watched) < _MOST_WATCHED:
            await desk.audit.write(socket, viewer.user.id, "watch_call", call_id=wish.call_id)
            await desk.projection.show_to(viewer, wish.call_id)
