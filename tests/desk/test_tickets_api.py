"""The agent's edits against the assistant's drafts, and submission."""

import asyncio

from domain.topics import CALL_ASSIST

URL = "/api/calls/call1/ticket"
WHOLE = {"appeal_type": "投诉", "title": "夜间施工噪音", "summary": "工地半夜施工。", "callback_number": "13812345678"}


async def test_an_edit_stays_whatever_the_assistant_drafts_later(house, story):
    await house.happen(*story.talking)
    await house.say(CALL_ASSIST, "call1", story.draft(1, title="一"))
    agent = await house.signed_in("8001")
    edited = (await agent.patch(URL, json={"fields": {"title": " 我的 "}, "version": 0})).json()
    assert (edited["version"], edited["fields"]["title"]["value"]) == (1, "我的")
    await house.say(CALL_ASSIST, "call1", story.draft(2, title="二", location="云江市"))
    ticket = (await agent.get("/api/calls/call1")).json()["ticket"]
    assert ticket["version"] == 1, "a draft conflicts with nobody"
    assert (ticket["fields"]["title"]["value"], ticket["fields"]["title"]["draft_value"]) == ("我的", "二")
    assert ticket["fields"]["location"]["value"] == "云江市"


async def test_of_two_who_edit_at_once_one_is_shown_what_the_other_wrote(house, story):
    await house.happen(*story.talking)
    agent, leader = await house.signed_in("8001"), await house.signed_in("leader")
    answers = await asyncio.gather(
        agent.patch(URL, json={"fields": {"title": "agent"}, "version": 0}),
        leader.patch(URL, json={"fields": {"title": "leader"}, "version": 0}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status_code == 409).json()["error"]
    assert refused["code"] == "ticket_changed"
    assert refused["ticket"]["version"] == 1
    again = await agent.patch(URL, json={"fields": {"title": "agent"}, "version": 1})
    assert again.json()["fields"]["title"]["value"] == "agent"


async def test_a_ticket_is_submitted_once_under_one_number(house, story):
    await house.happen(*story.events)
    await house.say(CALL_ASSIST, "call1", story.draft(1, **WHOLE))
    agent = await house.signed_in("8001")
    submitted = (await agent.post(f"{URL}/submit")).json()
    assert submitted["status"] == "submitted"
    assert submitted["number"] == "YJ20261123000001"
    assert submitted["submitted_at_ms"] == house.clock.now_ms
    for again in (
        await agent.post(f"{URL}/submit"),
        await agent.patch(URL, json={"fields": {"title": "x"}, "version": submitted["version"]}),
    ):
        assert again.status_code == 409
        assert again.json()["error"]["ticket"]["number"] == submitted["number"]
    assert (await agent.get("/api/calls")).json()["calls"][0]["ticket_status"] == "submitted"
    assert "submit_ticket" in await house.audited()


async def test_what_is_missing_is_named(house, story):
    await house.happen(*story.events)
    agent = await house.signed_in("8001")
    answer = await agent.post(f"{URL}/submit")
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"] == ["appeal_type", "title", "summary", "callback_number"]
    place = {name: value for name, value in WHOLE.items() if name != "callback_number"} | {"location": "云江市幸福路"}
    await house.say(CALL_ASSIST, "call1", story.draft(1, **place))
    assert (await agent.post(f"{URL}/submit")).status_code == 200, "a place will do without a telephone"


async def test_values_that_no_field_can_hold_are_refused(house, story):
    await house.happen(*story.talking)
    agent = await house.signed_in("8001")
    for fields in (
        {},
        {"colour": "red"},
        {"title": 5},
        {"title": "长" * 101},
        {"summary": "长" * 4001},
        {"title": "a\x00b"},
        {"appeal_type": "抱怨"},
        {"urgency": "now"},
    ):
        answer = await agent.patch(URL, json={"fields": fields, "version": 0})
        assert answer.status_code == 422, fields
        assert set(answer.json()["error"]) >= {"code", "message", "remedy"}
    assert (await agent.patch(URL, json={"fields": {"title": "x"}})).status_code == 422
    fine = await agent.patch(URL, json={"fields": {"appeal_type": "", "urgency": "一般"}, "version": 0})
    assert fine.json()["version"] == 1


async def test_an_edit_that_cannot_be_written_down_in_the_audit_trail_does_not_happen(house, story):
    await house.happen(*story.talking)
    agent = await house.signed_in("8001")
    async with house.database.write() as tx:
        await tx.exec_driver_sql("CREATE TRIGGER refuse BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END")
    edited = await agent.patch(URL, json={"fields": WHOLE, "version": 0})
    assert (edited.status_code, edited.json()["error"]["code"]) == (503, "storage")
    async with house.database.write() as tx:
        await tx.exec_driver_sql("DROP TRIGGER refuse")
    ticket = (await agent.get("/api/calls/call1")).json()["ticket"]
    assert (ticket["version"], ticket["fields"]["title"]["value"]) == (0, "")
    assert "edit_ticket" not in await house.audited()
    assert (await agent.patch(URL, json={"fields": WHOLE, "version": 0})).status_code == 200
    assert "edit_ticket" in await house.audited()


async def test_a_ticket_is_found_by_the_number_that_a_citizen_reads_out(house, story):
    await house.happen(*story.events)
    title = {"title": "工地夜间施工，联系13912345678"}
    await house.say(CALL_ASSIST, "call1", story.draft(1, **(WHOLE | title)))
    agent, other = await house.signed_in("8001"), await house.signed_in("8002")
    number = (await agent.post(f"{URL}/submit")).json()["number"]
    for written in (number, number.lower(), number.removeprefix("YJ")):
        found = (await agent.get(f"/api/tickets/{written}")).json()
        assert found["number"] == number
        assert (found["appeal_type"], found["call_id"]) == ("投诉", "call1")
        assert found["title"] == "工地夜间施工，联系139****5678", "nothing of the caller"
    assert (await other.get(f"/api/tickets/{number}")).json() == found | {"call_id": ""}, "it is not their call"
    assert (await house.audited()).count("look_up_ticket") == 4


async def test_a_number_that_no_ticket_has_is_not_found_and_strangers_find_none(house, story):
    await house.happen(*story.events)
    agent = await house.signed_in("8001")
    for number in ("YJ20261123000001", "20261123000009", "call1", "%00", "x" * 5000, "YJ2026112300000'"):
        answer = await agent.get(f"/api/tickets/{number}")
        assert answer.status_code == 404
    assert answer.json()["error"]["code"] in ("no_such_ticket", "not_found")
    assert (await house.client().get("/api/tickets/YJ20261123000001")).status_code == 401
