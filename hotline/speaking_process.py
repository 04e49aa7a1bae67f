"""Any text spoken by a process of its own: the engine's seconds, memory and libraries stay out of the switch.

The child answers each line of JSON (the text) with a line that has the sound's length in bytes, and the sound; 0 is a
text that cannot be said.
"""

import asyncio
import os
import sys
from collections import OrderedDict
from collections.abc import Sequence

import msgspec
import structlog

from domain.errors import HotlineError
from hotline.children import die_with_parent
from hotline.config import Settings
from hotline.prompts import synthesiser_opener
from telephony.media.real_time import be_ordinary
from tts.synthesiser import Synthesiser

logger = structlog.get_logger()
WITHIN_S = 60.0
"""After so long the process is taken for hung. The first text may have to wait for the engine to be loaded."""
THREADS = 2
"""Somebody is waiting: instead of the one thread of prompts that are rendered ahead."""
_KEPT = 50
_WARM_UP = "事发地点"


class SpeakingProcess:
    """A telephony.ports.Speaker: started ahead by `start`, and again for the next text when it has died."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-m", "hotline", "speak")) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._asking: set[asyncio.Task[bytes | None]] = set()

    async def start(self) -> None:
        """Begin to load the engine; returns at once."""
        async with self._turn:
            await self._running()

    async def stop(self) -> None:
        for task in self._asking:
            task.cancel()
        await self._end()

    async def alaw(self, text: str) -> bytes | None:
        """A-law at 8 kHz; None when it cannot be said, or not in time. What was said lately is there at once."""
        if text in self._kept:
            return self._kept[text]
        # Who asks may go away meanwhile; the answer is read all the same, or the next one would get it.
        task = asyncio.create_task(self._ask(text))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        return await asyncio.shield(task)

    async def _ask(self, text: str) -> bytes | None:
        async with self._turn:
            try:
                async with asyncio.timeout(WITHIN_S):
                    alaw = await self._exchange(await self._running(), text)
            except (TimeoutError, OSError, EOFError, ValueError) as error:
                logger.warning("a text could not be spoken", reason=f"{type(error).__name__}: {error}")
                await self._end()
                return None
        if alaw:
            self._kept[text] = alaw
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return alaw or None

    async def _exchange(self, process: asyncio.subprocess.Process, text: str) -> bytes:
        if process.stdin is None or process.stdout is None:
            raise EOFError("the speaking process has no pipes")
        process.stdin.write(msgspec.json.encode(text) + b"\n")
        await process.stdin.drain()
        length = await process.stdout.readline()
        if not length:
            raise EOFError("the speaking process has ended; what it said stands above")
        return await process.stdout.readexactly(int(length))

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                preexec_fn=_begin_as_a_child,
                start_new_session=True,
            )
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()


def _begin_as_a_child() -> None:
    die_with_parent()
    be_ordinary()  # the switch is in real time, and synthesis would take its cores from it


def speak_lines(settings: Settings) -> None:
    """The child: until its input ends. ModelError when there is no engine."""
    # What libraries print must not stand between the answers: our output is kept aside, and theirs goes to the log.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        synthesiser = synthesiser_opener(settings, threads=THREADS)()
        _speak(synthesiser, settings, _WARM_UP)
        for line in sys.stdin.buffer:
            alaw = _speak(synthesiser, settings, msgspec.json.decode(line, type=str))
            answers.write(b"%d\n" % len(alaw) + alaw)
            answers.flush()


def _speak(synthesiser: Synthesiser, settings: Settings, text: str) -> bytes:
    try:
        return synthesiser.synthesise(text, settings.tts.voice, settings.tts.speed).alaw()
    except HotlineError as error:
        logger.warning("a text was refused by the synthesiser", reason=error.what)
        return b""
