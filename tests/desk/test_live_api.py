"""The live channel over a real server and real WebSockets."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest
import uvicorn
import websockets

from desk.gate import COOKIE
from domain.agent import AgentOffer, AgentState, AgentStatus
from domain.queueing import QueueSnapshot, WaitingCall
from domain.side import Side
from domain.speech import SpeechHealth, SpeechHealthChanged, SpeechStarted, UtterancePartial
from domain.topics import AGENT_OFFER, AGENT_STATE, CALL_ASSIST, CALL_PARTIAL, CALL_SPEECH, QUEUE_STATE


class Page:
    """A browser's live channel."""

    def __init__(self, socket):
        self._socket = socket

    async def next(self, kind: str) -> dict:
        """The next message of that type; others in between are passed over."""
        async with asyncio.timeout(10):
            while (message := json.loads(await self._socket.recv()))["type"] != kind:
                pass
        return message

    async def watch(self, call_id: str) -> None:
        await self._socket.send(json.dumps({"type": "watch", "call_id": call_id}))

    async def closed(self) -> int:
        async with asyncio.timeout(10):
            with contextlib.suppress(websockets.ConnectionClosed):
                while True:
                    await self._socket.recv()
        return self._socket.close_code


@pytest.fixture
async def address(house) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(house.app, port=0, log_config=None, lifespan="off"))
    listener = server.config.bind_socket()
    with contextlib.ExitStack() as stack:
        stack.callback(listener.close)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


@contextlib.asynccontextmanager
async def page(house, address, username, **headers):
    client = await house.signed_in(username)
    cookie = {"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
    async with websockets.connect(f"ws://{address}/api/live", additional_headers=cookie | headers) as socket:
        opened = Page(socket)
        await opened.next("queue")
        yield opened


def partial(text: str) -> UtterancePartial:
    return UtterancePartial(
        call_id="call1",
        side=Side.CALLER,
        utterance_id="call1-caller-0000",
        start_ms=0,
        end_ms=500,
        text=text,
        health=SpeechHealth.LIVE,
    )


async def test_an_agent_hears_the_own_call_from_pop_to_draft(house, story, address):
    async with page(house, address, "8001") as agent:
        await house.bus.publish(
            AGENT_OFFER,
            ("8001",),
            AgentOffer(
                agent_id="8001", offer_id="o", call_id="call1", queue="default", waited_ms=5, expires_at_ms=2**50
            ),
        )
        assert (await agent.next("offer"))["offer"]["call_id"] == "call1"
        await house.happen(*story.talking)
        popped = (await agent.next("call"))["call"]
        assert (popped["status"], popped["caller_number"]) == ("ringing", "13812345678")
        assert (await agent.next("call"))["call"]["status"] == "talking"
        started = SpeechStarted(call_id="call1", side=Side.CALLER, utterance_id="call1-caller-0000", start_ms=0)
        await house.bus.publish(CALL_PARTIAL, ("call1",), started)
        await house.bus.publish(CALL_PARTIAL, ("call1",), partial("工地"))
        heard = await agent.next("utterance")
        assert (heard["text"], heard["final"], heard["side"]) == ("工地", False, "caller")
        await house.say(CALL_SPEECH, "call1", story.final(0, "工地半夜施工。"))
        heard = await agent.next("utterance")
        assert (heard["text"], heard["final"], heard["utterance_id"]) == ("工地半夜施工。", True, "call1-caller-0000")
        worse = SpeechHealthChanged(
            call_id="call1", side=Side.AGENT, health=SpeechHealth.FINALS_ONLY, reason="busy", at_ms=1
        )
        await house.say(CALL_SPEECH, "call1", worse)
        assert (await agent.next("health"))["health"] == "finals_only"
        await house.say(CALL_ASSIST, "call1", story.draft(1, title="夜间施工"))
        assert (await agent.next("ticket"))["ticket"]["fields"]["title"]["value"] == "夜间施工"
        await house.happen(*story.events)
        ended = (await agent.next("call"))["call"]
        assert ended["status"] == "ended"
        assert [each["text"] for each in ended["utterances"]] == ["工地半夜施工。"]


async def test_others_hear_nothing_of_it_and_leaders_what_they_watch(house, story, address):
    async with page(house, address, "8002") as other, page(house, address, "qa") as inspector:
        await inspector.watch("call1")
        await inspector.watch("call1")
        await house.happen(*story.talking)
        assert (await inspector.next("summary"))["call"]["caller_number"] == "138****5678"
        assert (await inspector.next("call"))["call"]["caller_number"] == "138****5678"
        await house.say(CALL_SPEECH, "call1", story.final(0, "电话13912345678。"))
        assert (await inspector.next("utterance"))["text"] == "电话139****5678。"
        status = AgentStatus(agent_id="8002", name="周", extension="8002", state=AgentState.READY, since_ms=1, at_ms=1)
        await house.log.append(AGENT_STATE, ("8002",), status, event_id="1")
        heard = []
        async with asyncio.timeout(10):
            while not heard or heard[-1]["type"] != "agent":
                heard.append(json.loads(await other._socket.recv()))
        assert {message["type"] for message in heard} <= {"agent", "numbers", "queue"}
        assert (await inspector.next("agent"))["status"]["state"] == "ready"


async def test_who_begins_to_watch_is_told_what_was_said_until_then(house, story, address):
    async with page(house, address, "leader") as leader:
        await house.happen(*story.talking)
        await house.say(CALL_SPEECH, "call1", story.final(0, "电话13912345678。"))
        await leader.watch("call1")
        told = (await leader.next("call"))["call"]
        assert [each["text"] for each in told["utterances"]] == ["电话13912345678。"]
        await house.say(CALL_SPEECH, "call1", story.final(1, "夜里。"))
        assert (await leader.next("utterance"))["text"] == "夜里。"
        assert (await house.audited()).count("watch_call") == 1


async def test_everyone_sees_the_queue(house, address):
    async with page(house, address, "8001") as agent:
        waiting = WaitingCall(call_id="c", queue="default", since_ms=1_000, position=1)
        await house.bus.publish(QUEUE_STATE, (), QueueSnapshot(at_ms=8_000, waiting=(waiting,), agents=()))
        assert await agent.next("queue") == {"type": "queue", "waiting": 1, "longest_wait_ms": 7_000}


async def test_rubbish_from_the_page_is_passed_over(house, address, story):
    async with page(house, address, "leader") as leader:
        for rubbish in ("{", "[]", '{"type": "fly"}', '{"type": "watch"}', "x" * 5000):
            await leader._socket.send(rubbish)
            await leader._socket.send(rubbish.encode())
        await leader.watch("call1")
        await leader._socket.ping()
        await house.happen(*story.talking)
        assert (await leader.next("summary"))["call"]["caller_number"] == "13812345678"


async def test_signing_out_closes_the_page(house, address):
    async with page(house, address, "8001") as agent:
        (client,) = house.clients
        await client.delete("/api/session")
        assert await agent.closed() == 1013


@pytest.mark.parametrize(
    "headers", [{}, {"Cookie": f"{COOKIE}=guess"}, {"Cookie": "own", "Origin": "https://evil.example"}]
)
async def test_strangers_and_other_sites_are_not_let_in(house, address, headers):
    if headers.get("Cookie") == "own":
        client = await house.signed_in("8001")
        headers = headers | {"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"ws://{address}/api/live", additional_headers=headers)
    assert refused.value.response.status_code == 403
