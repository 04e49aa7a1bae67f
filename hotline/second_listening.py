"""Hears the whole recording of a finished call again, and says what it heard as a transcript of its own version."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from msgspec.structs import replace

from asr.offline import OfflineUtterance
from asr.recogniser import Samples
from domain.errors import AudioError
from domain.ids import utterance_id
from domain.job import TranscribeJob
from domain.ports import EventLog
from domain.speech import UtteranceFinal
from domain.topics import CALL_EVENT, CALL_TRANSCRIPT
from domain.transcript import TranscriptMessage, TranscriptReached, TranscriptState, TranscriptWords
from hotline.late_words import late_final
from hotline.played_prompts import Prompts, played_prompts
from recordings.wav import WavFile, open_wav

_WORDS_AT_ONCE = 40
"""Utterances in one message, far below what the bus takes."""
logger = structlog.get_logger()

Hear = Callable[[Samples, int, Samples, Callable[[float], None]], list[OfflineUtterance]]
"""(samples (n, channels) int16, rate_hz, played and on_progress as in asr.offline.transcribe) → the utterances."""


class SecondListening:
    """recordings_dir: where job paths begin. version: of all that this process writes. now_ms: wall clock.

    A job that is done again writes nothing twice: every message has its id, and a version that is done stays as it is.
    """

    def __init__(
        self,
        recordings_dir: Path,
        log: EventLog,
        hear: Hear,
        prompts: Prompts,
        version: str,
        engine: str,
        now_ms: Callable[[], int],
    ) -> None:
        self._recordings_dir = recordings_dir
        self._log = log
        self._hear = hear
        self._prompts = prompts
        self._version = version
        self._engine = engine
        self._now_ms = now_ms

    async def transcribe(self, job: TranscribeJob, on_progress: Callable[[float], None]) -> TranscriptReached:
        """Say the transcript on CALL_TRANSCRIPT; how it ended.

        on_progress: called on the working thread, which it may hold up; what it raises ends the work, to be done again.
        """
        said = await self.said(job.call_id)
        for message in said:
            if isinstance(message, TranscriptReached) and message.state is not TranscriptState.UNDER_WAY:
                return message
        try:
            wav = await asyncio.to_thread(open_wav, self._recordings_dir / job.path)
            return await self._write(job.call_id, wav, on_progress)
        except AudioError as error:
            # The same file will not be better next time.
            logger.error("a recording cannot be heard again", call_id=job.call_id, reason=str(error))
            unreadable = self._state(job.call_id, TranscriptState.UNREADABLE)
            return await self._reach(replace(unreadable, reason=str(error)))

    async def said(self, call_id: str) -> list[TranscriptMessage]:
        """What the log has of this version of the call's transcript."""
        kept = [record.value for record in await self._log.replay(CALL_TRANSCRIPT, (call_id,))]
        return [message for message in kept if message.version == self._version]

    async def _write(self, call_id: str, wav: WavFile, on_progress: Callable[[float], None]) -> TranscriptReached:
        begun = replace(self._state(call_id, TranscriptState.UNDER_WAY), recording_ms=wav.duration_ms)
        await self._reach(begun)

        events = [record.value for record in await self._log.replay(CALL_EVENT, (call_id,))]

        def work() -> tuple[list[OfflineUtterance], float]:
            began_s = time.monotonic()
            samples = wav.read()
            played = played_prompts(events, self._prompts, len(samples))
            return self._hear(samples, wav.rate_hz, played, on_progress), time.monotonic() - began_s

        heard, took_s = await asyncio.to_thread(work)
        finals = self._finals(call_id, heard)
        for at in range(0, len(finals), _WORDS_AT_ONCE):
            words = TranscriptWords(
                call_id=call_id, version=self._version, utterances=tuple(finals[at : at + _WORDS_AT_ONCE])
            )
            await self._say(words, f"words.{at}")
        done = replace(begun, state=TranscriptState.DONE, at_ms=self._now_ms())
        return await self._reach(replace(done, utterances=len(finals), took_ms=round(1000 * took_s)))

    def _finals(self, call_id: str, heard: list[OfflineUtterance]) -> list[UtteranceFinal]:
        now_ms = self._now_ms()
        return [
            late_final(
                said,
                call_id=call_id,
                side=said.side,
                utterance_id=utterance_id(f"{call_id}-{self._version}", said.side, number),
                engine=self._engine,
                now_ms=now_ms,
            )
            for number, said in enumerate(heard)
        ]

    async def _reach(self, reached: TranscriptReached) -> TranscriptReached:
        await self._say(reached, reached.state.value)
        return reached

    def _state(self, call_id: str, state: TranscriptState) -> TranscriptReached:
        return TranscriptReached(call_id=call_id, version=self._version, state=state, at_ms=self._now_ms())

    async def _say(self, message: TranscriptMessage, part: str) -> None:
        event_id = f"{message.call_id}.{message.version}.{part}"
        await self._log.append(CALL_TRANSCRIPT, (message.call_id,), message, event_id=event_id)


def words_of(said: list[TranscriptMessage]) -> list[UtteranceFinal]:
    """The utterances of a transcript, each once."""
    pages = [message.utterances for message in said if isinstance(message, TranscriptWords)]
    return list({utterance.utterance_id: utterance for page in pages for utterance in page}.values())
