"""Who sees which call, and how much of it."""

import msgspec
import pytest

from domain.agent import AgentReply, AgentState, AgentStatus, ForceState, SignIn
from domain.command import CommandReply, HangUp
from domain.knowledge import KnowledgeFound
from domain.speech import NumberKind, SpokenNumber, SpokenWords
from domain.topics import AGENT_COMMAND, AGENT_STATE, CALL_ASSIST, CALL_COMMAND, CALL_SPEECH, KNOWLEDGE_SEARCH
from storage import users


async def test_an_agent_opens_the_desk_on_the_call_that_goes_on(house, story):
    await house.happen(*story.talking)
    await house.say(CALL_SPEECH, "call1", story.final(0, "工地半夜施工。"))
    await house.say(CALL_ASSIST, "call1", story.draft(1, title="夜间施工噪音"))
    page = (await (await house.signed_in("8001")).get("/api/desk")).json()
    call = page["call"]
    assert (call["status"], call["caller_number"], call["agent_name"]) == ("talking", "13812345678", "name of 8001")
    assert [each["text"] for each in call["utterances"]] == ["工地半夜施工。"]
    assert call["ticket"]["fields"]["title"]["value"] == "夜间施工噪音"
    assert call["ticket"]["fields"]["title"]["evidence"][0]["quote"] == "工地"
    assert len(call["ticket"]["fields"]) == 9
    assert call["clocks"] == {
        "ring_to_person_ms": 9_000,
        "menu_end_to_person_ms": 4_500,
        "queue_to_person_ms": 4_000,
    }
    assert page["numbers"]["within_15s"] == {"ring": 1.0, "menu_end": 1.0, "queue": 1.0}
    assert page["numbers"]["reported_clock"] == "ring"
    assert call["health"] == {"caller": None, "agent": None}, "nobody has begun to listen"
    assert (await (await house.signed_in("8002")).get("/api/desk")).json()["call"] is None


async def test_a_desk_started_anew_while_a_call_rings_still_shows_the_call(house, story):
    now = house.clock.now_ms
    status = AgentStatus(
        agent_id="8001",
        name="林",
        extension="8001",
        state=AgentState.RINGING,
        since_ms=now - 14_900,
        at_ms=now,
        call_id="call1",
    )
    agent = await house.signed_in("8001")
    await house.log.append(AGENT_STATE, ("8001",), status, event_id="ringing")
    await house.caught_up(AGENT_STATE)
    await house.happen(*story.events[:3])
    page = (await agent.get("/api/desk")).json()
    assert (page["offer"]["call_id"], page["offer"]["offer_id"]) == ("call1", "")
    assert page["call"]["call_id"] == "call1", "the queue says that it rings, before the switch does"
    await house.happen(*story.ringing)
    page = (await agent.get("/api/desk")).json()
    assert (page["offer"]["offer_id"], page["offer"]["queue"], page["offer"]["waited_ms"]) == (
        "offer-1",
        "default",
        100,
    )
    assert page["call"]["status"] == "ringing"
    assert (await (await house.signed_in("8002")).get("/api/desk")).json()["offer"] is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/calls/call1"),
        ("GET", "/api/calls/call1/recording"),
        ("POST", "/api/calls/call1/hang-up"),
        ("POST", "/api/calls/call1/ticket/submit"),
        ("PATCH", "/api/calls/call1/ticket"),
    ],
)
async def test_another_agents_call_is_as_if_it_were_not_there_and_the_try_is_written_down(house, story, method, path):
    await house.happen(*story.events)
    other = await house.signed_in("8002")
    body = {"fields": {"title": "x"}, "version": 0} if method == "PATCH" else None
    answer = await other.request(method, path, json=body)
    unknown = await other.request(method, path.replace("call1", "call9"), json=body)
    assert answer.status_code == unknown.status_code == 404
    assert answer.json() == unknown.json()
    assert (await house.audited()).count("denied_call") == 1
    assert (await other.get("/api/calls")).json() == {"calls": []}


async def test_numbers_are_masked_by_role(house, story):
    await house.happen(*story.events)
    number = SpokenNumber(
        start=5,
        end=16,
        kind=NumberKind.MOBILE,
        digits="13912345678",
        sure=False,
        candidates=("13912345678", "13912345675"),
    )
    spoken = (SpokenWords(5, 16, "一三九一二三四五六七八"),)
    said = msgspec.structs.replace(story.final(0, "我的电话是13912345678。"), numbers=(number,), spoken=spoken)
    await house.say(CALL_SPEECH, "call1", said)
    await house.say(CALL_ASSIST, "call1", story.draft(1, callback_number="13912345678"))
    seen = {}
    for name in ("8001", "leader", "qa", "admin"):
        client = await house.signed_in(name)
        view = (await client.get("/api/calls/call1")).json()
        listed = (await client.get("/api/calls")).json()["calls"][0]
        seen[name] = (
            view["caller_number"],
            listed["caller_number"],
            view["utterances"][0]["text"],
            view["ticket"]["fields"]["callback_number"]["value"],
        )
        heard = view["utterances"][0]["numbers"][0]
        clear = name in ("8001", "leader")
        assert heard["digits"] == ("13912345678" if clear else "139****5678")
        assert heard["candidates"] == (["13912345678", "13912345675"] if clear else [])
        words = view["utterances"][0]["spoken"][0]["words"]
        assert words == ("一三九一二三四五六七八" if clear else "*" * 11)
        assert heard["sure"] is False, "that it must be confirmed is no secret"
    full = ("13812345678", "13812345678", "我的电话是13912345678。", "13912345678")
    masked = ("138****5678", "138****5678", "我的电话是139****5678。", "139****5678")
    assert seen == {"8001": full, "leader": full, "qa": masked, "admin": masked}
    assert (await house.audited()).count("view_call") == 4


@pytest.mark.parametrize("call_id", ["%00", "a%2fb", "..", "x" * 5000, "%ff", "call1'--"])
async def test_a_call_id_that_is_none_is_not_found(house, call_id):
    answer = await (await house.signed_in("leader")).get(f"/api/calls/{call_id}")
    assert answer.status_code == 404


async def test_the_list_goes_on_before_the_last_one(house, story):
    stories = [type(story)(f"call{number}", house.clock.now_ms + number * 1000) for number in range(5)]
    for each in stories:
        await house.happen(*each.events)
    leader = await house.signed_in("leader")
    first = (await leader.get("/api/calls?limit=2")).json()["calls"]
    second = (await leader.get(f"/api/calls?limit=2&before={first[-1]['arrived_at_ms']}")).json()["calls"]
    assert [each["call_id"] for each in first + second] == ["call4", "call3", "call2", "call1"]
    for wrong in ("limit=0", "limit=501", "limit=x", "before=-1"):
        answer = await leader.get(f"/api/calls?{wrong}")
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "invalid"


async def test_hanging_up_asks_the_switch_that_holds_the_call(house, story):
    heard = []

    async def switch(_subject, order):
        heard.append(order)
        return CommandReply(accepted=True)

    await house.happen(*story.talking)
    agent = await house.signed_in("8001")
    away = await agent.post("/api/calls/call1/hang-up")
    assert (away.status_code, away.json()["error"]["code"]) == (503, "switch_away")
    serving = await house.bus.serve(CALL_COMMAND, ("call1",), switch)
    assert (await agent.post("/api/calls/call1/hang-up")).json()["accepted"] is True
    assert heard == [HangUp(by="agent", cause="hung up on the desk")]
    await house.happen(*story.events)
    late = (await agent.post("/api/calls/call1/hang-up")).json()
    assert (late["accepted"], late["code"]) == (False, "call_over")
    assert (await (await house.signed_in("qa")).post("/api/calls/call1/hang-up")).status_code == 403
    await serving.close()


async def test_commands_go_to_the_queue_as_the_agent_who_is_signed_in(house):
    heard = []

    async def queue(subject, order):
        heard.append((subject, order))
        return AgentReply(accepted=False, reason="the phone is away", code="phone_unregistered")

    agent = await house.signed_in("8001")
    away = await agent.post("/api/agent/command", json={"command": "set_ready"})
    assert (away.status_code, away.json()["error"]["code"]) == (503, "queue_away")
    serving = await house.bus.serve(AGENT_COMMAND, (), queue)
    answer = await agent.post("/api/agent/command", json={"command": "sign_in", "extension": "8009"})
    refusal = {"accepted": False, "reason": "the phone is away", "code": "phone_unregistered", "status": None}
    assert answer.json() == refusal
    assert heard == [("agent.8001.command", SignIn(name="name of 8001", extension="8009"))]
    for wrong in ({"command": "fly"}, {"command": "sign_in", "extension": "a b"}, {}, {"command": "set_ready", "x": 1}):
        assert (await agent.post("/api/agent/command", json=wrong)).status_code == 422
    refused = await (await house.signed_in("leader")).post("/api/agent/command", json={"command": "set_ready"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_an_agent")
    await serving.close()


async def test_knowledge_is_searched_by_the_assistant(house):
    async def assistant(_subject, question):
        assert question.query == "噪音"
        return KnowledgeFound(suggestions=())

    agent = await house.signed_in("8001")
    assert (await agent.get("/api/knowledge?q=噪音")).json()["error"]["code"] == "assist_away"
    serving = await house.bus.serve(KNOWLEDGE_SEARCH, (), assistant)
    assert (await agent.get("/api/knowledge?q=噪音")).json() == {"suggestions": []}
    assert (await agent.get("/api/knowledge?q=%20")).json() == {"suggestions": []}
    await serving.close()


async def test_a_leader_forces_an_agents_state_and_it_is_written_down(house):
    heard = []

    async def queue(subject: str, command: object) -> AgentReply:
        heard.append((subject, command))
        return AgentReply(accepted=True)

    leader = await house.signed_in("leader")
    away = await leader.post("/api/agents/8001/state", json={"state": "break"})
    assert (away.status_code, away.json()["error"]["code"]) == (503, "queue_away")
    serving = await house.bus.serve(AGENT_COMMAND, (), queue)
    answer = await leader.post("/api/agents/8001/state", json={"state": "break", "reason": "开会"})
    assert answer.json()["accepted"]
    assert heard == [("agent.8001.command", ForceState(state="break", by="name of leader", reason="开会"))]
    for name, status in (("8002", 403), ("qa", 403), ("admin", 200)):
        client = await house.signed_in(name)
        assert (await client.post("/api/agents/8001/state", json={"state": "ready"})).status_code == status
    for agent_id, body in (("8001", {"state": "fly"}), ("8001", {}), ("8001.x", {"state": "ready"})):
        assert (await leader.post(f"/api/agents/{agent_id}/state", json=body)).status_code == 422
    assert (await house.audited()).count("force_state") == 3
    await serving.close()


async def test_the_queue_hears_at_sign_in_what_an_agent_can(house):
    heard = []

    async def queue(subject: str, command: object) -> AgentReply:
        heard.append(command)
        return AgentReply(accepted=True)

    async with house.database.write() as tx:
        credential = await users.credential(tx, "8001")
        assert credential is not None
        await users.set_skills(tx, credential.user.id, {"公积金": 3}, auto_answer=True)
    serving = await house.bus.serve(AGENT_COMMAND, (), queue)
    agent = await house.signed_in("8001")
    assert (await agent.post("/api/agent/command", json={"command": "sign_in"})).json()["accepted"]
    assert heard == [SignIn(name="name of 8001", extension="8001", skills={"公积金": 3}, auto_answer=True)]
    await serving.close()
