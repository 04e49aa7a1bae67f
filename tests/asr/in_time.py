"""Nothing hangs: work that must come to its end, and streams of sounds in which nobody speaks."""

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from asr.recogniser import Recogniser
from asr.vad import WebrtcActivity
from tests.asr.bad_sounds import bad_sounds
from tests.asr.sounds import chunks
from tests.asr.test_listener import House, house

DEADLINE_S = 30.0
"""For what takes a second on an idle machine."""
T = TypeVar("T")


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns or raises; AssertionError when it takes longer (it is left behind, and ends with us)."""
    done: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue()

    def run() -> None:
        try:
            done.put((work(), None))
        except BaseException as error:
            done.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        answer, error = done.get(timeout=seconds)
    except queue.Empty:
        raise AssertionError(f"nothing within {seconds:.0f} s") from None
    if error is not None:
        raise error
    return answer


async def streams_of_any_sound_end(engine: Recogniser) -> House:
    """A listener with this engine is sent each of them as a stream of its own, ends them all and takes another."""
    sounds = bad_sounds()
    async with house(engine, detector=WebrtcActivity, capacity=len(sounds)) as here:
        for name in sounds:
            await here.open(call_id=name)
        await here.until_streams(*(f"{name}.caller" for name in sounds))
        for name, sound in sounds.items():
            await here.say(chunks(sound, last=True), call_id=name)
        await here.until_streams()
        await here.until(lambda: here.alive[-1].headroom > 0)
        assert (await here.open()).accepted
    return here
