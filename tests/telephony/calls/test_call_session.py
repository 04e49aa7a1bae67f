"""A call's life on fakes of the ports: what is said in the log, and that nothing is left behind."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from domain.audio import AudioChunk
from domain.call import (
    CallAnswered,
    CallbackAsked,
    CallEnded,
    CallEvent,
    CallQueued,
    DigitSource,
    EndedBy,
    OfferEnded,
    QueuedBecause,
)
from domain.command import (
    AnnouncePosition,
    CancelRing,
    HangUp,
    RingAgent,
    TurnAway,
    TurnAwayBecause,
)
from domain.errors import NoResponderError
from domain.g711 import ALAW_SILENCE
from domain.side import Side
from domain.speech import SideSilent
from domain.talk import CallFellSilent, CallSilenceEnded
from domain.target import OfferOutcome
from domain.topics import CALL_AUDIO, CALL_PARTIAL, CALL_PLAYED, CALL_SPEECH
from telephony.calls.call_session import CallSession
from telephony.calls.journal import NUMBERS_AT_ONCE, read_notes
from telephony.calls.switch import bury_lost_calls
from telephony.ports import CallStage
from tests.recordings.test_inspection import said
from tests.telephony.fake_ports import (
    FakeLeg,
    describe,
)
from tests.telephony.house import CALL, RING, House, kinds, waiting


async def test_a_call_is_answered_at_once_and_ends_when_the_caller_hangs_up(house: House) -> None:
    leg = house.arrive()
    assert leg.asked == ["answer"]
    assert house.scripts[0].seen == [CallStage.ARRIVED, CallStage.ANSWERED]
    leg.end(by_remote=True, status=200, reason="bye")
    await house.closed()
    events = await house.events()
    assert kinds(events) == ["CallArrived", "CallAnswered", "CallEnded", "RecordingFinished"]
    assert [event.number for event in events] == [0, 1, 2, 3]
    assert events[0].at_ms == CALL.arrived_at_ms
    assert events[2].by is EndedBy.CALLER
    assert not house.plane.legs
    assert not list(house.folder.iterdir())


async def test_what_is_said_before_the_answer_is_early_media(house: House) -> None:
    house.answers = False
    leg = house.arrive()
    script, media = house.scripts[0], next(iter(house.plane.legs.values()))
    assert (leg.asked, script.seen) == ([], [CallStage.ARRIVED])
    script.controls.say("通话将被录音", token=1)
    assert (leg.asked, media.playing, media.remote) == (["ring with sound"], "通话将被录音".encode(), CALL.media)
    media.events.on_played(media.token)
    script.controls.answer()
    script.controls.answer()
    assert leg.asked == ["ring with sound", "answer"]
    assert script.seen == [CallStage.ARRIVED, "prompt 1", CallStage.ANSWERED]
    leg.end(by_remote=True, status=200, reason="bye")
    await house.closed()
    order = ["CallArrived", "PromptPlayed", "CallAnswered", "CallEnded", "RecordingFinished"]
    assert kinds(await house.events()) == order


async def test_a_caller_who_gives_up_before_the_answer_leaves_nothing_behind(house: House) -> None:
    house.answers = False
    leg = house.arrive()
    house.scripts[0].controls.say("通话将被录音", token=1)
    leg.end(by_remote=True, status=487, reason="cancelled")
    await house.closed()
    assert "CallAnswered" not in kinds(await house.events())
    assert not house.plane.legs


async def test_a_delayed_offer_has_no_early_media_and_is_answered_first(house: House) -> None:
    house.answers = False
    leg = house.arrive(msgspec.structs.replace(CALL, media=None))
    house.scripts[0].controls.say("通话将被录音", token=1)
    assert leg.asked == ["answer"]
    assert house.scripts[0].seen == [CallStage.ARRIVED, CallStage.ANSWERED]


async def test_prompts_give_way_to_music_and_report_their_end(house: House) -> None:
    house.arrive()
    controls, media = house.scripts[0].controls, next(iter(house.plane.legs.values()))
    controls.play_music(True)
    controls.say("您好", token=7)
    assert media.playing == "您好".encode()
    media.events.on_played(media.token)
    assert house.scripts[0].seen[-1] == "prompt 7"
    assert media.playing == b"music"
    controls.say("没有录好", token=8)
    await house.until(lambda: house.scripts[0].seen[-1] == "prompt 8")


async def test_listeners_get_what_the_caller_is_played_beside_the_callers_sound(house: House) -> None:
    heard: list[tuple[str, AudioChunk]] = []

    async def hear(subject: str, chunk: AudioChunk) -> None:
        heard.append((subject.split(".")[2], chunk))

    await house.bus.subscribe(CALL_PLAYED, (), hear)
    await house.bus.subscribe(CALL_AUDIO, (), hear)
    leg = house.arrive()
    media = next(iter(house.plane.legs.values()))
    house.scripts[0].controls.say("您好" * 1000, token=7)
    for number in range(5):
        media.events.on_chunk(number * 100, bytes([1]) * 800)
    await house.until(lambda: len([chunk for side, chunk in heard if side == "audio"]) == 5)
    played = [chunk for side, chunk in heard if side == "played"]
    assert [chunk.media_ms for chunk in played] == [0, 100, 200, 300, 400]
    assert {chunk.side for chunk in played} == {Side.CALLER}
    sound = b"".join(chunk.alaw for chunk in played).lstrip(bytes([ALAW_SILENCE]))
    assert ("您好" * 1000).encode().find(sound) in range(320 + 8)
    assert heard[0][0] == "played"
    assert house.recorders[0].bytes[Side.CALLER] == 4000
    leg.end(by_remote=True, status=200, reason="bye")
    await house.closed()


async def test_a_key_reaches_log_and_script(house: House) -> None:
    leg = house.arrive()
    media = next(iter(house.plane.legs.values()))
    media.events.on_digit("0", DigitSource.RFC4733)
    assert house.scripts[0].seen[-1] == "digit 0"
    leg.end(by_remote=True, status=200, reason="bye")
    await house.closed()
    assert "KeyPressed" in kinds(await house.events())


async def test_what_listeners_say_of_the_caller_reaches_the_script(house: House) -> None:
    leg = await waiting(house)
    [call_id] = {event.call_id for event in await house.events()}
    final = msgspec.structs.replace(said(Side.CALLER, 3, 0, "停水了"), call_id=call_id)
    agents = msgspec.structs.replace(said(Side.AGENT, 0, 0, "您好"), call_id=call_id)
    for message in (agents, final):
        await house.log.append(CALL_SPEECH, (call_id,), message, event_id=message.utterance_id)
    await house.until(lambda: final in house.scripts[0].seen)
    assert agents not in house.scripts[0].seen
    leg.end(by_remote=True, status=200, reason="bye")
    await house.closed()


async def test_an_agent_answers_and_hangs_up(house: House) -> None:
    leg = await waiting(house)
    assert (await house.command(RING)).accepted
    phone = house.endpoint.placed["8001"]
    assert phone.events is not None
    phone.events.on_answered(describe(5000))
    assert house.scripts[0].seen[-1] is CallStage.CONNECTED
    caller, agent = house.plane.legs
    assert house.plane.heard == {caller: (agent,), agent: (caller,)}
    phone.end(by_remote=True, status=200, reason="bye")
    await house.closed()
    assert leg.asked[-1] == "hang up"
    assert kinds(await house.events()) == [
        "CallArrived",
        "CallAnswered",
        "CallQueued",
        "AgentOffered",
        "OfferEnded",
        "CallConnected",
        "TalkChanged",
        "CallEnded",
        "RecordingFinished",
    ]


async def test_a_long_silence_is_written_down_once_and_its_end(house: House) -> None:
    leg = await waiting(house)
    await house.command(RING)
    phone = house.endpoint.placed["8001"]
    assert phone.events is not None
    phone.events.on_answered(describe(5000))
    await house.settled()
    [call_id] = {event.call_id for event in await house.events()}
    answered = next(event for event in await house.events() if isinstance(event, CallAnswered))

    async def tell(side: Side, since_ms: int, until_ms: int | None = None) -> None:
        told = SideSilent(call_id=call_id, side=side, since_ms=since_ms, spoke=True, until_ms=until_ms)
        await house.bus.publish(CALL_PARTIAL, (call_id,), told)

    for _ in range(2):
        await tell(Side.CALLER, 4000)
        await tell(Side.AGENT, 7000)
    await tell(Side.CALLER, 4000, until_ms=41_000)
    await tell(Side.CALLER, 42_000)
    await house.settled()
    seen = list(house.scripts[0].seen)
    leg.end(by_remote=True, status=200, reason="bye")
    await house.closed()
    told = [event for event in await house.events() if isinstance(event, CallFellSilent | CallSilenceEnded)]
    assert [(type(event).__name__, event.since_at_ms - answered.at_ms) for event in told] == [
        ("CallFellSilent", 7000),
        ("CallSilenceEnded", 7000),
        ("CallFellSilent", 42_000),
        ("CallSilenceEnded", 42_000),
    ]
    assert kinds(await house.events())[-2:] == ["CallEnded", "RecordingFinished"]
    assert not any(isinstance(each, SideSilent) for each in seen)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (486, OfferOutcome.REJECTED),
        (603, OfferOutcome.REJECTED),
        (408, OfferOutcome.NO_ANSWER),
        (480, OfferOutcome.UNREACHABLE),
        (503, OfferOutcome.UNREACHABLE),
    ],
)
async def test_a_phone_that_does_not_take_the_call(house: House, status: int, outcome: OfferOutcome) -> None:
    await waiting(house)
    await house.command(RING)
    house.endpoint.placed["8001"].end(by_remote=True, status=status, reason="no")
    assert house.scripts[0].seen[-1] is CallStage.WAITING
    assert (await house.command(RingAgent(offer_id="o2", agent_id="8002", extension="8002", timeout_s=5))).accepted
    ended = [event for event in await house.events() if isinstance(event, OfferEnded)]
    assert [event.outcome for event in ended] == [outcome]
    assert len(house.plane.legs) == 2


async def test_a_caller_who_leaves_while_it_rings_stops_the_ringing(house: House) -> None:
    leg = await waiting(house)
    await house.command(RING)
    leg.end(by_remote=True, status=200, reason="bye")
    await house.closed()
    assert house.endpoint.placed["8001"].over
    assert [e.outcome for e in await house.events() if isinstance(e, OfferEnded)] == [OfferOutcome.CANCELLED]
    assert not house.plane.legs


async def test_commands_that_do_not_fit_are_refused_in_words(house: House) -> None:
    await waiting(house)
    await house.command(RING)
    second = await house.command(RING)
    assert (second.accepted, second.reason) == (False, "the call is ringing, not waiting")
    assert not (await house.command(CancelRing(offer_id="other"))).accepted
    assert (await house.command(CancelRing(offer_id="o1"))).accepted
    assert (await house.command(AnnouncePosition(before=2))).accepted
    assert house.scripts[0].seen[-1] == "position 2"
    assert (await house.command(HangUp(by="agent", cause="desk"))).accepted
    await house.closed()
    with pytest.raises(NoResponderError):
        await house.command(HangUp(by="agent", cause="desk"))


async def test_a_headset_is_asked_to_answer_by_itself_and_other_phones_are_not(house: House) -> None:
    await waiting(house)
    await house.command(RING)
    assert house.endpoint.placed["8001"].headers == ()
    await house.command(CancelRing(offer_id="o1"))
    await house.command(RingAgent(offer_id="o2", agent_id="8002", extension="8002", timeout_s=5, auto_answer=True))
    headers = dict(house.endpoint.placed["8002"].headers)
    assert headers["Alert-Info"].endswith(";info=alert-autoanswer;delay=0")
    assert headers["Call-Info"].endswith(";answer-after=0")


async def test_a_waiting_caller_asks_to_be_called_back_or_is_turned_away(house: House) -> None:
    early = house.arrive()
    controls = house.scripts[0].controls
    controls.ask_callback()  # not in the queue yet: nothing to be called back for
    controls.enqueue("default", QueuedBecause.KEY, 0)
    await house.served()
    controls.ask_callback()
    assert (await house.command(TurnAway(because=TurnAwayBecause.CLOSED))).accepted
    assert house.scripts[0].seen[-1] == "turned away closed"
    await house.command(RING)
    assert (await house.command(TurnAway(because=TurnAwayBecause.TOO_LONG))).code == "not_waiting"
    early.end(by_remote=True, status=200, reason="bye")
    await house.closed()
    events = await house.events()
    queued = next(event for event in events if isinstance(event, CallQueued))
    assert [event.callback_number for event in events if isinstance(event, CallbackAsked)] == [queued.caller_number]
    assert (queued.caller_number, queued.called_number) == ("13812345678", "12345")


async def test_a_caller_without_sound_is_let_go_after_the_limit(house: House) -> None:
    house.arrive()
    media = next(iter(house.plane.legs.values()))
    media.events.on_silent(10)
    media.events.on_back()
    media.events.on_silent(60)
    await house.closed()
    [ended] = [event for event in await house.events() if isinstance(event, CallEnded)]
    assert ended.by is EndedBy.SYSTEM
    assert "no sound" in ended.cause


async def test_a_stopping_switch_ends_calls_and_refuses_new_ones(house: House) -> None:
    leg = house.arrive()
    await house.switch.stop()
    assert leg.asked == ["answer", "hang up"]
    refused = FakeLeg()
    house.switch.on_call(CALL, refused)
    assert refused.asked == ["reject 503"]


async def test_calls_of_a_killed_switch_are_closed_in_the_log(house: House, tmp_path: Path) -> None:
    house.arrive()
    await house.served()
    (tmp_path / "cut.json").write_bytes(b'{"call_id": "cu')
    notes = read_notes(tmp_path)
    later = tmp_path / "later"
    later.mkdir()
    await bury_lost_calls(notes, later, house.log, house.now_ms, lambda call_id: (f"{call_id}.wav", 5000, "ab"))
    by_call: dict[str, list[CallEvent]] = {}
    for event in await house.events():
        by_call.setdefault(event.call_id, []).append(event)
    assert kinds(by_call["cut"]) == ["CallEnded", "RecordingFinished"]
    [lost] = [events for call_id, events in by_call.items() if call_id != "cut"]
    assert kinds(lost) == ["CallArrived", "CallAnswered", "CallEnded", "RecordingFinished"]
    assert [event.number for event in lost] == [0, 1, NUMBERS_AT_ONCE, NUMBERS_AT_ONCE + 1]


async def test_a_disk_that_takes_no_notes_ends_no_call(house: House) -> None:
    house.folder.rmdir()
    leg = house.arrive()
    await house.served()
    assert leg.asked == ["answer"]
    leg.end(by_remote=True, status=200, reason="bye")
    await house.closed()
    assert kinds(await house.events()) == ["CallArrived", "CallAnswered", "CallEnded", "RecordingFinished"]


async def test_a_call_that_fails_is_ended_in_the_log_and_its_recording_is_closed(house: House) -> None:
    async def fail() -> None:
        raise ValueError("a defect")

    assert house.switch.parts is not None
    leg, session = FakeLeg(), CallSession("c1", CALL, house.switch.parts)
    session.arrive(CALL, leg)
    served = asyncio.create_task(session.run())
    await house.served()
    session.spawn(fail())
    with pytest.raises(ExceptionGroup, match="unhandled"):
        await served
    assert leg.asked == ["answer", "hang up"]
    assert kinds(await house.events()) == ["CallArrived", "CallAnswered", "CallEnded", "RecordingFinished"]
    assert not house.recording
    assert not list(house.folder.iterdir())


@pytest.mark.slow
async def test_ten_thousand_calls_leave_nothing_behind(house: House) -> None:
    before = len(asyncio.all_tasks())
    for number in range(10_000):
        leg = house.arrive()
        script = house.scripts.pop()
        if number % 3:
            script.controls.enqueue("default", QueuedBecause.SILENCE, 0)
        leg.end(by_remote=bool(number % 2), status=200, reason="bye")
        if number % 1000 == 999:
            await house.closed()
    await house.closed()
    assert not house.plane.legs
    assert not house.recording
    assert not list(house.folder.iterdir())
    await house.until(lambda: len(asyncio.all_tasks()) <= before)
