"""The inspector on a real recording file and a log: missed words are written down once, whoever repeats the job."""

from pathlib import Path

import numpy as np
import pytest

from asr.offline import OfflineUtterance
from asr.recogniser import Samples
from bus.memory import MemoryLog
from domain.call import CallAnswered, CallConnected
from domain.errors import AudioError
from domain.job import InspectJob
from domain.side import Side
from domain.speech import SpeechHealth, SpeechHealthChanged, SpeechMessage, UtteranceFinal
from domain.talk import TalkChanged, TalkPhase
from domain.topics import CALL_EVENT, CALL_INSPECTION, CALL_SPEECH
from hotline.inspector import Inspector
from recordings.scorecard import load_scorecard
from recordings.wav import Encoding, write_wav
from tests.recordings.test_inspection import said

ANSWERED = 1_000_000


_SAID = OfflineUtterance(
    side=Side.CALLER, start_ms=100, end_ms=900, text="停水了", char_ms=(100, 300, 500), confidence=0.8
)


class House:
    def __init__(self, folder: Path) -> None:
        self.log = MemoryLog()
        self.asked: list[int] = []
        write_wav(folder / "c.wav", np.zeros((8000 * 30, 2), dtype=np.int16), 8000, Encoding.ALAW)
        self.inspector = Inspector(folder, self.log, self.transcribe, {}.get, load_scorecard(), lambda: 5)

    def transcribe(self, samples: Samples, rate_hz: int, sent: Samples) -> list[OfflineUtterance]:
        assert len(sent) == len(samples)
        self.asked.append(len(samples))
        return [_SAID]

    async def call(self, *speech: SpeechMessage) -> None:
        for number, event in enumerate((CallAnswered, CallConnected)):
            more = {} if event is CallAnswered else {"offer_id": "o", "agent_id": "8001", "extension": "8001"}
            value = event(call_id="c", number=number, at_ms=ANSWERED + 10_000 * number, switch_id="s", **more)
            await self.log.append(CALL_EVENT, ("c",), value, event_id=f"c.{number}")
        for index, message in enumerate(speech):
            await self.log.append(CALL_SPEECH, ("c",), message, event_id=f"speech.{index}")

    async def finals(self) -> list[UtteranceFinal]:
        kept = [record.value for record in await self.log.replay(CALL_SPEECH, ("c",))]
        return [message for message in kept if isinstance(message, UtteranceFinal)]


JOB = InspectJob(call_id="c", path="c.wav", sha256="")


def health(side: Side, at_ms: int, health: SpeechHealth) -> SpeechHealthChanged:
    return SpeechHealthChanged(call_id="c", side=side, health=health, reason="", at_ms=ANSWERED + at_ms)


async def test_a_call_that_was_heard_live_is_only_scored(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.call(
        health(Side.CALLER, 0, SpeechHealth.LIVE),
        health(Side.AGENT, 10_000, SpeechHealth.LIVE),
        said(Side.AGENT, 0, 11_000, "您好，跟您确认一下，再见"),
    )
    inspection = await house.inspector.inspect(JOB)
    assert (inspection.score, inspection.transcribed_ms, house.asked) == (100, 0, [])


async def test_what_nobody_heard_is_written_down_once(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.call(
        health(Side.CALLER, 0, SpeechHealth.LIVE),
        said(Side.CALLER, 0, 2000, "喂你好"),
        health(Side.CALLER, 20_000, SpeechHealth.AFTER_CALL),
        health(Side.AGENT, 10_000, SpeechHealth.LIVE),
    )
    for _ in range(2):
        inspection = await house.inspector.inspect(JOB)
    assert inspection.transcribed_ms == 25_000
    assert house.asked == [200_000, 200_000]
    late = (await house.finals())[1:]
    assert [(final.utterance_id, final.start_ms, final.text) for final in late] == [("c-caller-0001", 5100, "停水了")]
    assert late[0].health is SpeechHealth.AFTER_CALL
    assert late[0].char_ms == (5100, 5300, 5500)
    assert len(await house.log.replay(CALL_INSPECTION, ("c",))) == 1


async def test_a_recording_that_is_none_is_named(tmp_path: Path) -> None:
    house = House(tmp_path)
    (tmp_path / "bad.wav").write_bytes(b"not a wave file")
    with pytest.raises(AudioError, match=r"bad\.wav"):
        await house.inspector.inspect(InspectJob(call_id="c", path="bad.wav", sha256=""))


async def test_the_second_transcript_takes_the_place_of_the_live_one_in_the_score(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.call(said(Side.AGENT, 0, 11_000, "您好，跟您确认一下，再见"))
    first = await house.inspector.inspect(JOB)
    for _ in range(2):
        again = await house.inspector.inspect_again("c", [said(Side.AGENT, 0, 11_000, "喂")], "v")
    assert again.score < first.score
    assert (again.transcript, again.transcribed_ms) == ("v", first.transcribed_ms)
    kept = [record.value.transcript for record in await house.log.replay(CALL_INSPECTION, ("c",))]
    assert kept == ["", "v"]


async def test_a_hold_with_music_is_no_silence_of_the_agents(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.call(
        said(Side.AGENT, 0, 11_000, "您好，跟您确认一下，请稍等"),
        said(Side.AGENT, 1, 50_000, "让您久等了，再见"),
    )
    assert (await house.inspector.inspect(JOB)).score == 97
    for number, (at_ms, phase) in enumerate(((14_000, TalkPhase.HELD), (49_000, TalkPhase.TALKING)), 2):
        event = TalkChanged(call_id="c", number=number, at_ms=ANSWERED + at_ms, switch_id="s", phase=phase)
        await house.log.append(CALL_EVENT, ("c",), event, event_id=event.event_id)
    finals = await house.finals()
    assert (await house.inspector.inspect_again("c", finals, "v")).score == 100
