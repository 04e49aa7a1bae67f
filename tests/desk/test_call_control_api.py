"""What the pages ask of a call goes to the switch as it was meant, and what happened comes back onto the page."""

from typing import Any

import pytest

from domain.agent import AgentState, AgentStatus
from domain.call import CallConnected, CallEnded, CallEvent, CallPlaced, DialBecause, EndedBy
from domain.colleague_call import ColleagueAnswered, ColleagueCalled, ColleagueCallEnded
from domain.command import CallCommand, CallOrder, CommandReply, DialOut, OrderCall, PassCall, Supervise
from domain.ports import Record
from domain.talk import (
    AgentLeft,
    CallTransferred,
    EmergencyHandedOver,
    Passing,
    Supervision,
    TalkChanged,
    TalkPhase,
    ThirdAnswered,
    ThirdCalled,
)
from domain.target import Target, TargetKind
from domain.ticket import AskLocation
from domain.topics import AGENT_STATE, CALL_ASSIST, CALL_COMMAND, SWITCH_COMMAND, TICKET_LOCATION
from storage import audit, users

COLLEAGUE = Target(kind=TargetKind.AGENT, value="8002", agent_id="8002", name="周建国")
POLICE = Target(kind=TargetKind.NUMBER, value="110", name="公安 110")


class Switch:
    """Serves one call's commands and remembers them."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.reply = CommandReply(accepted=True)

    async def take(self, _subject: str, command: CallCommand | DialOut) -> CommandReply:
        self.asked.append(command)
        return self.reply


@pytest.fixture
async def switch(house, story) -> Switch:
    switch = Switch()
    await house.bus.serve(CALL_COMMAND, (story.call_id,), switch.take)
    await house.bus.serve(SWITCH_COMMAND, (), switch.take)
    return switch


async def be(house, agent_id: str, state: AgentState, call_id: str = "") -> None:
    status = AgentStatus(
        agent_id=agent_id,
        name=f"name of {agent_id}",
        extension=f"9{agent_id}",
        state=state,
        since_ms=house.clock.now_ms,
        at_ms=house.clock.now_ms,
        call_id=call_id,
    )
    house.clock.now_ms += 1
    await house.say(AGENT_STATE, agent_id, status)


def then(story, *events: Any) -> list[CallEvent]:
    """Events that follow the talking ones: (type, fields)."""
    base = {"call_id": story.call_id, "switch_id": "switch-1"}
    return [of(**base, number=6 + place, at_ms=place, **fields) for place, (of, fields) in enumerate(events)]


async def test_orders_go_to_the_switch_in_the_agents_name_and_are_audited(house, story, switch):
    await house.happen(*story.talking)
    agent = await house.signed_in("8001")
    for order in CallOrder:
        answer = await agent.post("/api/calls/call1/order", json={"order": order.value})
        assert answer.json()["accepted"] is True
    assert switch.asked == [OrderCall(order=order, agent_id="8001") for order in CallOrder]
    switch.reply = CommandReply(accepted=False, reason="'hold' is not possible", code="not_now")
    refused = (await agent.post("/api/calls/call1/order", json={"order": "hold"})).json()
    assert (refused["accepted"], refused["code"]) == (False, "not_now")
    assert (await agent.post("/api/calls/call1/order", json={"order": "explode"})).status_code == 422
    assert (await house.audited()).count("call_order") == len(CallOrder) + 1
    assert (
        await (await house.signed_in("8002")).post("/api/calls/call1/order", json={"order": "hold"})
    ).status_code == 404
    assert (
        await (await house.signed_in("qa")).post("/api/calls/call1/order", json={"order": "hold"})
    ).status_code == 403


async def test_a_call_is_passed_to_a_colleague_where_they_sit_a_queue_or_a_number(house, story, switch):
    await house.happen(*story.talking)
    agent = await house.signed_in("8001")

    async def pass_on(how: str, kind: str, to: str) -> dict[str, Any]:
        answer = await agent.post("/api/calls/call1/pass", json={"how": how, "kind": kind, "to": to})
        return answer.json()

    assert (await pass_on("transfer", "agent", "8002"))["code"] == "agent_away"
    await be(house, "8002", AgentState.TALKING)
    assert (await pass_on("transfer", "agent", "8002"))["code"] == "agent_busy"
    await be(house, "8002", AgentState.BREAK)
    assert (await pass_on("consult", "agent", "8002"))["accepted"] is True
    assert (await pass_on("transfer", "number", "02388886666"))["accepted"] is True
    assert (await pass_on("invite", "number", "119"))["accepted"] is True
    assert (await pass_on("transfer", "queue", "nowhere"))["error"]["code"] == "no_number"
    assert (await pass_on("hand_over", "number", "119"))["error"]["code"] == "invalid"
    assert [(each.how, each.target.kind, each.target.value) for each in switch.asked] == [
        (Passing.CONSULT, TargetKind.AGENT, "98002"),
        (Passing.TRANSFER, TargetKind.NUMBER, "02388886666"),
        (Passing.INVITE, TargetKind.NUMBER, "119"),
    ]
    assert switch.asked[0].target.agent_id == "8002"
    assert switch.asked[2].target.name == "消防 119"


async def test_one_key_hands_an_emergency_over_with_the_drafts_location(house, story, switch):
    await house.happen(*story.talking)
    await house.say(CALL_ASSIST, "call1", story.draft(1, location="云江区解放路88号"))
    agent = await house.signed_in("8001")
    assert (await agent.post("/api/calls/call1/hand-over", json={"code": "110"})).json()["accepted"] is True
    assert switch.asked == [
        PassCall(how=Passing.HAND_OVER, target=POLICE, agent_id="8001", location="云江区解放路88号")
    ]
    assert "hand_over" in await house.audited()
    assert (await agent.post("/api/calls/call1/hand-over", json={"code": "112"})).status_code == 422


async def test_a_hand_over_by_the_telephones_keys_asks_for_the_location_and_is_audited_once(house, story):
    await house.happen(*story.talking)
    await house.say(CALL_ASSIST, "call1", story.draft(1, location="云江区解放路88号"))
    asked = [
        await house.bus.request(TICKET_LOCATION, (), AskLocation(call_id=each), timeout_s=5) for each in ("call1", "x")
    ]
    assert [each.location for each in asked] == ["云江区解放路88号", ""]
    keyed = {"target": POLICE, "agent_id": "8001", "location": "云江区解放路88号", "keyed": True}
    (event,) = then(story, (EmergencyHandedOver, keyed))
    for _ in range(2):  # the log may bring an event again
        await house.desk.projection.on_call_event(Record(subject="", sequence=1, at_ms=0, value=event))
    async with house.database.read() as tx:
        user = await users.on_line(tx, "8001")
        entries = [each for each in await audit.newest(tx, limit=10, call_id="call1") if each.action == "hand_over"]
    assert user is not None
    assert [(each.user_id, each.at_ms, each.source, each.detail) for each in entries] == [
        (user.id, event.at_ms, "telephone keys", "公安 110 云江区解放路88号")
    ]


async def test_leaders_supervise_and_agents_do_not(house, story, switch):
    await house.happen(*story.talking)
    leader = await house.signed_in("leader")
    no_phone = await leader.post("/api/calls/call1/supervise", json={"how": "listen"})
    assert no_phone.json()["error"]["code"] == "no_extension"
    body = {"how": "listen", "extension": "9001"}
    assert (await leader.post("/api/calls/call1/supervise", json=body)).json()["accepted"] is True
    assert (await leader.post("/api/calls/call1/supervise", json={"how": "end"})).json()["accepted"] is True
    assert switch.asked == [
        Supervise(how=Supervision.LISTEN, leader_id="leader", extension="9001"),
        Supervise(how=Supervision.END, leader_id="leader", extension=""),
    ]
    for name in ("8001", "qa"):
        assert (await (await house.signed_in(name)).post("/api/calls/call1/supervise", json=body)).status_code == 403
    assert (await house.audited()).count("supervise") == 2


async def test_an_agent_dials_out_from_the_telephone_where_they_sit(house, switch):
    agent = await house.signed_in("8001")
    away = await agent.post("/api/dial", json={"number": "13812345678"})
    assert (away.status_code, away.json()["error"]["code"]) == (409, "not_signed_in")
    await be(house, "8001", AgentState.BREAK)
    switch.reply = CommandReply(accepted=True, call_id="new")
    assert (await agent.post("/api/dial", json={"number": "13812345678"})).json()["call_id"] == "new"
    assert switch.asked == [DialOut(agent_id="8001", extension="98001", number="13812345678")]
    assert (await agent.post("/api/dial", json={"number": "call me"})).status_code == 422
    await be(house, "8001", AgentState.TALKING)
    assert (await agent.post("/api/dial", json={"number": "13812345678"})).json()["code"] == "agent_busy"
    assert (await (await house.signed_in("leader")).post("/api/dial", json={"number": "110"})).status_code == 403


async def test_the_directory_finds_entries_and_colleagues(house):
    await be(house, "8002", AgentState.READY)
    await be(house, "8001", AgentState.SIGNED_OUT)
    agent = await house.signed_in("8001")
    everything = (await agent.get("/api/directory")).json()
    assert [each["number"] for each in everything["entries"]] == ["110", "119", "120"]
    assert [each["agent_id"] for each in everything["agents"]] == ["8002"]
    assert (await agent.get("/api/directory?q=120")).json()["agents"] == []


async def test_a_transferred_call_is_seen_by_both_agents_with_what_happened(house, story):
    leaving = then(
        story,
        (ThirdCalled, {"how": Passing.CONSULT, "target": COLLEAGUE, "agent_id": "8001"}),
        (TalkChanged, {"phase": TalkPhase.CALLING, "third": COLLEAGUE}),
        (ThirdAnswered, {"target": COLLEAGUE}),
        (TalkChanged, {"phase": TalkPhase.CONSULTING, "third": COLLEAGUE}),
        (CallTransferred, {"target": COLLEAGUE, "agent_id": "8001", "how": Passing.CONSULT}),
        (AgentLeft, {"agent_id": "8001", "reason": "transferred the call"}),
        (CallConnected, {"offer_id": "", "agent_id": "8002", "extension": "8002"}),
        (TalkChanged, {"phase": TalkPhase.TALKING}),
        (CallEnded, {"by": EndedBy.CALLER, "cause": "bye"}),
    )
    await house.happen(*story.talking, *leaving[:2])
    first, second = await house.signed_in("8001"), await house.signed_in("8002")
    talk = (await first.get("/api/calls/call1")).json()["talk"]
    assert talk["phase"] == "calling"
    assert {"cancel", "complete"} <= set(talk["can"])
    assert "hold" not in talk["can"]
    assert (await second.get("/api/calls/call1")).status_code == 404
    await house.happen(*leaving[2:4])
    assert (await second.get("/api/calls/call1")).json()["caller_number"] == "13812345678"
    await house.happen(*leaving[4:8])
    call = (await first.get("/api/calls/call1")).json()
    assert (call["agent_id"], call["agent_ids"], call["talk"]["phase"]) == ("8002", ["8001", "8002"], "talking")
    assert [step["what"] for step in call["history"]] == [
        "queued",
        "connected",
        "third_called",
        "third_answered",
        "transferred",
        "agent_left",
        "connected",
    ]
    assert call["names"]["8002"] == "name of 8002"
    await house.happen(leaving[8])
    for agent in (first, second):
        [line] = (await agent.get("/api/calls")).json()["calls"]
        assert (line["status"], line["talk"], line["caller_number"]) == ("ended", None, "13812345678")
    assert (await first.get("/api/calls?live=true")).json()["calls"] == []


@pytest.mark.parametrize(("because", "status"), [(DialBecause.CLICK, "ivr"), (DialBecause.PHONE, "ringing")])
async def test_a_call_that_we_place_is_the_agents_own_from_the_first_moment_and_counts_nowhere(house, because, status):
    placed = CallPlaced(
        call_id="out1",
        switch_id="switch-1",
        number=0,
        at_ms=house.clock.now_ms,
        citizen_number="13900001111",
        shown_number="12345",
        agent_id="8001",
        extension="8001",
        because=because,
    )
    ended = CallEnded(call_id="out1", switch_id="switch-1", number=1, at_ms=5, by=EndedBy.CALLER, cause="Busy Here")
    agent = await house.signed_in("8001")
    await house.happen(placed)
    call = (await agent.get("/api/calls/out1")).json()
    assert (call["direction"], call["caller_number"], call["called_number"]) == ("out", "13900001111", "12345")
    assert (call["status"], call["history"][0]["how"]) == (status, because.value)
    await house.happen(ended)
    [line] = (await agent.get("/api/calls")).json()["calls"]
    assert (line["agent_id"], line["status"]) == ("8001", "ended")
    assert line["clocks"] == {"ring_to_person_ms": None, "menu_end_to_person_ms": None, "queue_to_person_ms": None}
    assert (await agent.get("/api/numbers")).json()["offered"] == 0
    # The log may bring an event again.
    await house.desk.projection.on_call_event(Record(subject="", sequence=1, at_ms=0, value=placed))
    async with house.database.read() as tx:
        entries = await audit.newest(tx, limit=10, call_id="out1")
    noted = [(each.action, each.source, each.detail) for each in entries if each.action == "dial"]
    assert noted == ([("dial", "telephone", "…1111")] if because is DialBecause.PHONE else [])


async def test_a_call_between_colleagues_is_audited_once_and_listed_and_counted_nowhere(house):
    agent, leader = await house.signed_in("8001"), await house.signed_in("leader")
    who = {"extension": "8001", "agent_id": "8001", "called_extension": "8002", "called_agent_id": "8002"}
    place = {"call_id": "own1", "switch_id": "switch-1"}
    called = ColleagueCalled(**place, number=0, at_ms=house.clock.now_ms, **who)
    answered = ColleagueAnswered(**place, number=1, at_ms=house.clock.now_ms + 1, **who)
    ended = ColleagueCallEnded(**place, number=2, at_ms=house.clock.now_ms + 2, cause="bye")
    await house.happen(called, answered, ended)
    for event in (called, answered, ended):  # the log may bring an event again
        await house.desk.projection.on_call_event(Record(subject="", sequence=1, at_ms=0, value=event))
    for client in (agent, leader):
        assert (await client.get("/api/calls")).json()["calls"] == []
        assert (await client.get("/api/numbers")).json()["offered"] == 0
    assert (await leader.get("/api/calls/own1")).status_code == 404
    async with house.database.read() as tx:
        user = await users.on_line(tx, "8001")
        entries = await audit.newest(tx, limit=10, call_id="own1")
    assert user is not None
    assert [(each.user_id, each.at_ms, each.action, each.source, each.detail) for each in reversed(entries)] == [
        (user.id, called.at_ms, "call_colleague", "telephone", "8001 8002"),
        (user.id, answered.at_ms, "talk_with_colleague", "telephone", "8001 8002"),
    ]


async def test_the_location_of_an_emergency_is_in_the_history(house, story):
    [event] = then(story, (EmergencyHandedOver, {"target": POLICE, "agent_id": "8001", "location": "云江区解放路88号"}))
    await house.happen(*story.talking, event)
    step = (await (await house.signed_in("leader")).get("/api/calls/call1")).json()["history"][-1]
    assert (step["what"], step["whom"], step["location"]) == ("handed_over", "公安 110", "云江区解放路88号")
