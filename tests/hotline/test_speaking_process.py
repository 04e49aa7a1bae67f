"""The process that says any text, with the real engine."""

import os
import signal
from collections.abc import AsyncIterator

import pytest

from hotline.speaking_process import SpeakingProcess
from telephony.media.real_time import RealTime

pytestmark = pytest.mark.slow


@pytest.fixture
async def speaker() -> AsyncIterator[SpeakingProcess]:
    """Started as the switch does, which is in real time."""
    speaker, real_time = SpeakingProcess(), RealTime()
    real_time.begin()
    try:
        await speaker.start()
    finally:
        real_time.end()
    yield speaker
    await speaker.stop()


async def test_it_says_what_it_is_asked_and_lives_on_after_its_process_was_killed(speaker: SpeakingProcess) -> None:
    assert await speaker.alaw("……") is None
    place = await speaker.alaw("人民路25号。")
    assert place is not None
    assert 0.8 * 8000 < len(place) < 4 * 8000
    process = speaker._process
    assert process is not None
    assert os.sched_getscheduler(process.pid) == os.SCHED_OTHER
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert await speaker.alaw("人民路25号。") == place
    other = await speaker.alaw("青石路。")
    assert other is not None
    assert speaker._process is not process
