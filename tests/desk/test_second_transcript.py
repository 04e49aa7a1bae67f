"""The second transcript on the call's sheet: beside the live words, masked as they are, and only when it is whole."""

from domain.topics import CALL_SPEECH, CALL_TRANSCRIPT
from domain.transcript import TranscriptReached, TranscriptState, TranscriptWords


def reached(state: TranscriptState, at_ms: int = 1) -> TranscriptReached:
    return TranscriptReached(call_id="call1", version="v", state=state, at_ms=at_ms)


async def test_it_stands_beside_the_live_words_once_it_is_whole(house, story):
    await house.happen(*story.events)
    await house.say(CALL_SPEECH, "call1", story.final(0, "我要透诉"))
    agent = await house.signed_in("8001")
    assert (await agent.get("/api/calls/call1")).json()["second_transcript"] is None
    words = TranscriptWords(call_id="call1", version="v", utterances=(story.final(0, "我要投诉，打13912345678"),))
    await house.say(CALL_TRANSCRIPT, "call1", reached(TranscriptState.UNDER_WAY), words)
    shown = (await agent.get("/api/calls/call1")).json()["second_transcript"]
    assert (shown["state"], shown["utterances"]) == ("under_way", [])
    await house.say(CALL_TRANSCRIPT, "call1", reached(TranscriptState.DONE, 2))
    texts = {}
    for name in ("8001", "qa"):
        view = (await (await house.signed_in(name)).get("/api/calls/call1")).json()
        assert [each["text"] for each in view["utterances"]] == ["我要透诉"]
        texts[name] = view["second_transcript"]["utterances"][0]["text"]
    assert texts["8001"] == "我要投诉，打13912345678"
    assert texts["qa"].startswith("我要投诉")
    assert "13912345678" not in texts["qa"]
    assert (await (await house.signed_in("8002")).get("/api/calls/call1")).status_code == 404


async def test_a_recording_that_cannot_be_read_is_told(house, story):
    await house.happen(*story.events)
    await house.say(CALL_TRANSCRIPT, "call1", reached(TranscriptState.UNREADABLE))
    view = (await (await house.signed_in("8001")).get("/api/calls/call1")).json()
    assert view["second_transcript"]["state"] == "unreadable"
