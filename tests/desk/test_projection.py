"""From the bus into the database: twice, out of order, and while the database is away."""

import random

from desk.views import find_call
from domain.agent import AgentState, AgentStatus
from domain.ports import Record
from domain.side import Side
from domain.speech import SpeechHealth, SpeechHealthChanged
from domain.topics import AGENT_STATE, CALL_ASSIST, CALL_EVENT, CALL_SPEECH


def record(value):
    return Record(subject="", sequence=1, at_ms=0, value=value)


async def apply(house, messages):
    desk = house.desk.projection
    for message in messages:
        if hasattr(message, "number"):
            await desk.on_call_event(record(message))
        elif hasattr(message, "version"):
            await desk.on_assist(record(message))
        else:
            await desk.on_speech(record(message))


def everything(story):
    return [
        *story.events,
        *(story.final(number, f"第{number}句。") for number in range(5)),
        *(story.draft(version, title=f"标题{version}") for version in range(1, 4)),
        SpeechHealthChanged(call_id="call1", side=Side.CALLER, health=SpeechHealth.LIVE, reason="", at_ms=1),
        SpeechHealthChanged(call_id="call1", side=Side.CALLER, health=SpeechHealth.OFF, reason="", at_ms=2),
    ]


async def test_in_whatever_order_and_however_often_the_call_is_the_same(opened, story, tmp_path_factory):
    views = []
    for seed in range(4):
        messages = everything(story) * (1 if seed == 0 else 2)
        if seed:
            random.Random(seed).shuffle(messages)
        async with opened(folder=tmp_path_factory.mktemp("house")) as house:
            await apply(house, messages)
            async with house.database.read() as tx:
                views.append(await find_call(tx, "call1"))
    assert views[0].status == "ended"
    assert views[0].ticket.fields["title"].value == "标题3"
    assert [each.text for each in views[0].utterances] == [f"第{number}句。" for number in range(5)]
    assert views[0].health.caller == "off"
    assert all(view == views[0] for view in views)


async def test_what_the_database_refused_comes_again_and_nothing_is_lost(house, story):
    async with house.database.write() as tx:
        await tx.exec_driver_sql("ALTER TABLE call_events RENAME TO away")
    for event in story.talking:
        await house.log.append(CALL_EVENT, ("call1",), event, event_id=event.event_id)
    await house.say(CALL_SPEECH, "call1", story.final(0, "你好。"))
    leader = await house.signed_in("leader")
    assert (await leader.get("/api/calls")).json() == {"calls": []}
    async with house.database.write() as tx:
        await tx.exec_driver_sql("ALTER TABLE away RENAME TO call_events")
    await house.caught_up(CALL_EVENT)
    call = (await leader.get("/api/calls/call1")).json()
    assert call["status"] == "talking"
    assert [each["text"] for each in call["utterances"]] == ["你好。"]


async def test_what_happened_while_the_desk_was_away_is_caught_up(house, story):
    await house.desk.switchboard.stop()
    for event in story.events:
        await house.log.append(CALL_EVENT, ("call1",), event, event_id=event.event_id)
    await house.log.append(CALL_ASSIST, ("call1",), story.draft(1, title="标题"), event_id="draft")
    await house.desk.switchboard.start()
    await house.caught_up(CALL_EVENT)
    await house.caught_up(CALL_ASSIST)
    view = (await (await house.signed_in("8001")).get("/api/calls/call1")).json()
    assert (view["status"], view["ticket"]["fields"]["title"]["value"]) == ("ended", "标题")


async def test_the_agents_state_drives_the_page_and_the_after_call_work(house, story):
    def status(state, since_ms):
        return AgentStatus(
            agent_id="8001",
            name="林",
            extension="8001",
            state=state,
            since_ms=since_ms,
            at_ms=since_ms,
            call_id="call1" if state is AgentState.WRAP_UP else "",
        )

    await house.happen(*story.events)
    now = house.clock.now_ms
    agent = await house.signed_in("8001")
    await house.log.append(AGENT_STATE, ("8001",), status(AgentState.WRAP_UP, now - 1000), event_id="1")
    await house.caught_up(AGENT_STATE)
    page = (await agent.get("/api/desk")).json()
    assert (page["agent"]["state"], page["agent"]["since_ms"]) == ("wrap_up", now - 1000)
    assert page["call"]["call_id"] == "call1", "the ticket is still being written"
    house.clock.now_ms = now + 59_000
    await house.log.append(AGENT_STATE, ("8001",), status(AgentState.READY, now + 59_000), event_id="2")
    await house.caught_up(AGENT_STATE)
    page = (await agent.get("/api/desk")).json()
    assert page["call"] is None
    assert page["numbers"]["after_call_work_ms"] == 60_000
