"""The result of quality inspection, from the bus to whoever may see the call."""

from domain.evidence import Evidence
from domain.inspection import Finding, Inspection
from domain.topics import CALL_INSPECTION


def inspection(score: int = 90, at_ms: int = 1) -> Inspection:
    said = Evidence(
        utterance_id="call1-agent-0003", chars=(0, 12), ms=(6000, 6900), quote="打13912345678", rule="forbidden"
    )
    finding = Finding(rule="hotline.blame", title="推诿", points=-10, evidence=(said,))
    return Inspection(
        call_id="call1", at_ms=at_ms, score=score, findings=(finding,), transcribed_ms=12_000, scorecard="默认评分表"
    )


async def test_it_is_shown_with_its_call_once_it_is_there(house, story):
    await house.happen(*story.events)
    agent = await house.signed_in("8001")
    assert (await agent.get("/api/calls/call1")).json()["inspection"] is None
    await house.say(CALL_INSPECTION, "call1", inspection(), inspection())
    shown = (await agent.get("/api/calls/call1")).json()["inspection"]
    assert (shown["score"], shown["scorecard"], shown["transcribed_ms"]) == (90, "默认评分表", 12_000)
    assert shown["findings"][0]["points"] == -10
    assert shown["findings"][0]["evidence"][0]["utterance_id"] == "call1-agent-0003"


async def test_quotes_hide_what_the_reader_may_not_see(house, story):
    await house.happen(*story.events)
    await house.say(CALL_INSPECTION, "call1", inspection())
    quotes = {}
    for name in ("8001", "qa"):
        view = (await (await house.signed_in(name)).get("/api/calls/call1")).json()
        quotes[name] = view["inspection"]["findings"][0]["evidence"][0]["quote"]
    assert quotes["8001"] == "打13912345678"
    assert "13912345678" not in quotes["qa"]


async def test_what_was_inspected_while_the_desk_was_away_is_caught_up_and_the_newest_stays(house, story):
    await house.happen(*story.events)
    await house.desk.switchboard.stop()
    for count, (score, at_ms) in enumerate(((95, 2), (90, 1))):
        result = inspection(score, at_ms)
        await house.log.append(CALL_INSPECTION, ("call1",), result, event_id=f"inspection{count}")
    await house.desk.switchboard.start()
    await house.caught_up(CALL_INSPECTION)
    view = (await (await house.signed_in("8001")).get("/api/calls/call1")).json()
    assert view["inspection"]["score"] == 95
