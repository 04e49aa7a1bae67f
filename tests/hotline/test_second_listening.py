"""Hearing a recording again: said once whoever repeats the job, ended by a damaged file, begun anew after a crash."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from asr.offline import OfflineUtterance
from asr.recogniser import Samples
from bus.memory import MemoryLog
from domain.call import CallAnswered, PromptEnding, PromptPlayed
from domain.job import TranscribeJob
from domain.side import Side
from domain.speech import Correction, NumberKind, SpokenNumber
from domain.topics import CALL_EVENT, CALL_TRANSCRIPT
from domain.transcript import TranscriptMessage, TranscriptReached, TranscriptState
from hotline.late_listener import GivenUpError, holding_back
from hotline.second_listening import SecondListening, words_of
from recordings.wav import Encoding, write_wav

JOB = TranscribeJob(call_id="c", path="c.wav")
PROMPTS = {"您好": bytes(range(1, 101)) * 80}
NUMBERS = (
    SpokenNumber(start=0, end=2, kind=NumberKind.LOCAL, digits="22345678", sure=False, candidates=("22345678",)),
)


class House:
    def __init__(self, folder: Path) -> None:
        self.log = MemoryLog()
        self.heard = 0
        write_wav(folder / "c.wav", np.zeros((8000, 2), dtype=np.int16), 8000, Encoding.ALAW)
        self.second = SecondListening(folder, self.log, self.hear, PROMPTS.get, "v", "engine", lambda: 5)

    def hear(
        self, samples: Samples, _rate_hz: int, played: Samples, on_progress: Callable[[float], None]
    ) -> list[OfflineUtterance]:
        assert samples.shape == (8000, 2)
        self.played = played
        self.heard += 1
        on_progress(0.5)
        return [
            OfflineUtterance(
                side=Side.CALLER,
                start_ms=10 * number,
                end_ms=10 * number + 9,
                text="停水",
                char_ms=(10 * number,) * 2,
                confidence=0.8,
                corrections=(Correction(0, 1, "亭"),),
                numbers=NUMBERS,
            )
            for number in range(90)
        ]

    async def messages(self) -> list[TranscriptMessage]:
        return [record.value for record in await self.log.replay(CALL_TRANSCRIPT, ("c",))]

    async def states(self) -> list[TranscriptState]:
        return [message.state for message in await self.messages() if isinstance(message, TranscriptReached)]


async def test_a_job_that_is_done_twice_is_written_once(tmp_path: Path) -> None:
    house = House(tmp_path)
    for _ in range(2):
        reached = await house.second.transcribe(JOB, lambda share: None)
    assert (reached.state, reached.utterances, reached.recording_ms) == (TranscriptState.DONE, 90, 1000)
    assert await house.states() == [TranscriptState.UNDER_WAY, TranscriptState.DONE]
    words = words_of(await house.messages())
    assert len(words) == 90
    assert words[0].corrections == (Correction(0, 1, "亭"),)
    assert words[0].numbers == NUMBERS
    assert house.heard == 1


async def test_the_listener_is_told_what_the_caller_was_played(tmp_path: Path) -> None:
    house = House(tmp_path)
    answered = CallAnswered(call_id="c", number=1, at_ms=10_000, switch_id="s")
    more = {"prompt": "您好", "started_at_ms": 10_500, "ending": PromptEnding.BARGED_IN}
    prompt = PromptPlayed(call_id="c", number=2, at_ms=10_700, switch_id="s", **more)
    for event in (answered, prompt):
        await house.log.append(CALL_EVENT, ("c",), event, event_id=str(event.number))
    await house.second.transcribe(JOB, lambda share: None)
    assert np.flatnonzero(house.played)[[0, -1]].tolist() == [440 * 8, 640 * 8 - 1]


async def test_what_was_broken_off_is_done_again_and_nothing_said_twice(tmp_path: Path) -> None:
    house = House(tmp_path)
    with pytest.raises(GivenUpError):
        await house.second.transcribe(JOB, holding_back(lambda: True, lambda: True))
    assert await house.states() == [TranscriptState.UNDER_WAY]
    await house.second.transcribe(JOB, holding_back(lambda: True, lambda: False))
    assert await house.states() == [TranscriptState.UNDER_WAY, TranscriptState.DONE]
    assert len(words_of(await house.messages())) == 90


async def test_the_work_waits_for_time(tmp_path: Path) -> None:
    looks = iter([False, False, True])
    await House(tmp_path).second.transcribe(JOB, holding_back(lambda: next(looks), lambda: False))
    assert list(looks) == []


@pytest.mark.parametrize("content", [None, b"not a wave file", b""])
async def test_a_recording_that_is_missing_or_damaged_is_a_state(tmp_path: Path, content: bytes | None) -> None:
    house = House(tmp_path)
    (tmp_path / "c.wav").unlink()
    if content is not None:
        (tmp_path / "c.wav").write_bytes(content)
    for _ in range(2):
        reached = await house.second.transcribe(JOB, lambda share: None)
    assert "c.wav" in reached.reason
    assert await house.states() == [TranscriptState.UNREADABLE]
    assert house.heard == 0
