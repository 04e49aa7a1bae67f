"""One call from ring to ticket, as the agent's page sees it."""

from domain.call import (
    AgentOffered,
    CallAnswered,
    CallArrived,
    CallConnected,
    CallQueued,
    QueuedBecause,
)
from domain.topics import CALL_EVENT

BASE = {"call_id": "call1", "switch_id": "switch-1"}


async def test_an_agent_sees_the_own_call(house):
    now = house.clock.now_ms
    events = [
        CallArrived(**BASE, number=0, at_ms=now, caller_number="13812345678", called_number="12345", trunk="t"),
        CallAnswered(**BASE, number=1, at_ms=now + 10),
        CallQueued(
            **BASE, number=2, at_ms=now + 5000, queue="default", because=QueuedBecause.KEY, menu_ended_at_ms=now + 4900
        ),
        AgentOffered(**BASE, number=3, at_ms=now + 5100, offer_id="o", agent_id="8001", extension="8001"),
        CallConnected(**BASE, number=4, at_ms=now + 9000, offer_id="o", agent_id="8001", extension="8001"),
    ]
    for event in events:
        await house.log.append(CALL_EVENT, ("call1",), event, event_id=event.event_id)
    await house.caught_up(CALL_EVENT)
    agent = await house.signed_in("8001")
    page = (await agent.get("/api/desk")).json()
    print(page)
    assert page["call"]["status"] == "talking"
    print((await agent.get("/api/calls")).json())
    print((await agent.get("/metrics")).text[-1500:])
    assert (await (await house.signed_in("8002")).get("/api/calls/call1")).status_code == 404
