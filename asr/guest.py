"""One guest of the WebSocket server: what they send becomes utterances, jobs and, for each message, one answer."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import structlog

from asr.char_times import char_times
from asr.guest_stream import GuestStream, GuestUtterance
from asr.job_queue import Job, Urgency
from asr.recogniser import WIDE_RATE_HZ, Heard
from asr.settings import AsrSettings
from asr.vad import VoiceActivity
from asr.vosk_protocol import Config, Spoken, SpokenWord
from domain.errors import AudioError
from domain.g711 import RATE_HZ

_LOG = structlog.get_logger(__name__)
_FINALS_AHEAD = 4
"""A guest who sends faster than we recognise is answered only when fewer finals than these wait."""
_LAST_WORDS_S = 15.0

Submit = Callable[[Job], None]
_GUESTS = itertools.count()


class Guest:
    """submit: gives the engine a job, whose answer comes to `answer`. Used on one event loop."""

    def __init__(self, settings: AsrSettings, open_detector: Callable[[], VoiceActivity], submit: Submit) -> None:
        self.name = f"guest{next(_GUESTS)}"
        self._settings = settings
        self._open_detector = open_detector
        self._submit = submit
        self._config = Config(sample_rate=RATE_HZ)
        self._stream: GuestStream | None = None
        self._awaited: dict[int, tuple[Job, GuestUtterance]] = {}
        self._heard: dict[int, Heard | None] = {}
        self._ready: deque[Spoken] = deque()
        self._next = 0
        self._partial = ""
        self._changed = asyncio.Event()

    def configure(self, config: Config) -> None:
        """Before the first sound. AudioError for a rate that is not ours."""
        if config.sample_rate and config.sample_rate not in (RATE_HZ, WIDE_RATE_HZ):
            raise AudioError(
                f"{config.sample_rate:g} samples a second", where=self.name, remedy="send 8000 or 16000 of them"
            )
        self._config = config

    async def hear(self, pcm: bytes) -> Spoken:
        """The answer to 16-bit little-endian mono PCM: a result when there is one, else the partial. AudioError."""
        if len(pcm) % 2:
            raise AudioError(f"{len(pcm)} bytes are no 16-bit samples", where=self.name, remedy="send whole samples")
        if self._stream is None:
            rate_hz = int(self._config.sample_rate or RATE_HZ)
            phrases = tuple(self._config.phrase_list or ())
            self._stream = GuestStream(self._settings, self._open_detector(), rate_hz, phrases)
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.int16)
        for utterance in await asyncio.to_thread(self._stream.hear, samples):  # a minute of sound may come at once
            self._recognise(utterance)
        await self._wait_until(lambda: len(self._awaited) < _FINALS_AHEAD)
        return self._ready.popleft() if self._ready else Spoken(partial=self._partial)

    async def finish(self) -> Spoken:
        """The last result: all words that were not told yet. Returns within _LAST_WORDS_S, with what there is."""
        for utterance in self._stream.finish() if self._stream else []:
            self._recognise(utterance)
        if not await self._wait_until(lambda: not self._awaited):
            _LOG.warning("a guest's last words were not recognised in time", guest=self.name, lost=len(self._awaited))
        words = [word for spoken in self._ready for word in spoken.result or ()]
        text = "".join(spoken.text or "" for spoken in self._ready)
        return Spoken(text=text, result=words if self._config.words and words else None)

    def answer(self, job: Job, heard: Heard | None) -> None:
        """The engine has done a job of this guest; None: it could not."""
        awaited = self._awaited.get(job.number)
        if awaited is not None and awaited[0] is job:
            self._heard[job.number] = heard
            self._tell_in_order()
        elif heard is not None and job.number >= self._next and job.number not in self._awaited:
            self._partial = heard.text

    def _recognise(self, utterance: GuestUtterance) -> None:
        number = utterance.number
        urgency = Urgency.FINAL if utterance.ended else Urgency.PARTIAL
        clip = replace(utterance.clip, utterance=f"{self.name}.{number}")
        job = Job(self.name, number, urgency, clip, time.monotonic())
        if utterance.ended:
            self._awaited[number] = job, utterance
        self._submit(job)

    def _tell_in_order(self) -> None:
        while self._next in self._heard:
            heard = self._heard.pop(self._next)
            _, utterance = self._awaited.pop(self._next)
            self._next += 1
            self._partial = ""
            if heard is not None and heard.text:
                words = spoken_words(heard, utterance) if self._config.words else None
                self._ready.append(Spoken(text=heard.text, result=words))
        self._changed.set()

    async def _wait_until(self, holds: Callable[[], bool]) -> bool:
        """Whether it held within the time."""
        end_s = time.monotonic() + _LAST_WORDS_S
        while not holds():
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                return False
            self._changed.clear()
            try:
                async with asyncio.timeout(left_s):
                    await self._changed.wait()
            except TimeoutError:
                return holds()
        return True


def spoken_words(heard: Heard, utterance: GuestUtterance) -> list[SpokenWord]:
    """The engine's words; where it has none, characters with their times."""
    from_s = utterance.from_ms / 1000
    if heard.words:
        return [
            SpokenWord(word.text, from_s + word.start_s, from_s + word.end_s, word.confidence) for word in heard.words
        ]
    starts = char_times(heard.text, utterance.voiced)
    ends = [*starts[1:], utterance.voiced[-1][1]]
    return [
        SpokenWord(character, start / 1000, max(start, end) / 1000, heard.confidence)
        for character, start, end in zip(heard.text, starts, ends, strict=True)
        if character.isalnum()
    ]
