"""Inspects one finished call: transcribes what nobody heard live, then scores it."""

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

import structlog

from asr.offline import OfflineUtterance
from asr.recogniser import Samples
from asr.side_sound import sum_of
from domain.call import CallAnswered, CallConnected, CallEvent
from domain.g711 import RATE_HZ
from domain.ids import utterance_id
from domain.inspection import Inspection
from domain.job import InspectJob
from domain.ports import EventLog
from domain.side import Side
from domain.speech import SpeechHealth, SpeechMessage, UtteranceFinal
from domain.talk import TalkChanged
from domain.topics import CALL_EVENT, CALL_INSPECTION, CALL_SPEECH
from hotline.late_words import late_final
from hotline.played_prompts import Prompts, played_prompts
from recordings.inspection import Span, inspect_words
from recordings.scorecard import Scorecard
from recordings.unheard import UnheardSpan, unheard_spans
from recordings.wav import WavFile, open_wav
from telephony.calls.talk import caller_talks

CHANNEL = {Side.CALLER: 0, Side.AGENT: 1}
ENGINE = "after-call"
logger = structlog.get_logger()

Transcribe = Callable[[Samples, int, Samples], list[OfflineUtterance]]
"""(samples (n,) int16, rate_hz, what this side's telephone was sent) → utterances with times from the beginning of the
samples."""


class Inspector:
    """recordings_dir: where job paths begin. now_ms: wall clock."""

    def __init__(
        self,
        recordings_dir: Path,
        log: EventLog,
        transcribe: Transcribe,
        prompts: Prompts,
        card: Scorecard,
        now_ms: Callable[[], int],
    ) -> None:
        self._recordings_dir = recordings_dir
        self._log = log
        self._transcribe = transcribe
        self._prompts = prompts
        self._card = card
        self._now_ms = now_ms

    async def inspect(self, job: InspectJob) -> Inspection:
        """Say the missed words on CALL_SPEECH and the result on CALL_INSPECTION; AudioError for a bad file."""
        file = self._recordings_dir / job.path
        wav = await asyncio.to_thread(open_wav, file)
        if await asyncio.to_thread(_sha256, file) != job.sha256:
            logger.error("recording was changed after the call", call_id=job.call_id, path=job.path)
        events = [record.value for record in await self._log.replay(CALL_EVENT, (job.call_id,))]
        live = await self._heard_live(job.call_id)
        finals = [message for message in live if isinstance(message, UtteranceFinal)]
        spans = _missed(events, live, wav.duration_ms)
        for span in spans:
            # The same job done again gives the same ids, so nothing is said twice.
            first = 1 + max((_number(final) for final in finals if final.side is span.side), default=-1)
            for final in await self._hear(job.call_id, wav, span, first, events):
                await self._log.append(CALL_SPEECH, (job.call_id,), final, event_id=final.utterance_id)
                finals.append(final)
        transcribed_ms = sum(span.end_ms - span.start_ms for span in spans)
        return await self._say(job.call_id, finals, transcribed_ms, "")

    async def inspect_again(self, call_id: str, finals: list[UtteranceFinal], version: str) -> Inspection:
        """Score the call by its second transcript of this version, which takes the place of the first result."""
        before = [record.value for record in await self._log.replay(CALL_INSPECTION, (call_id,))]
        return await self._say(call_id, finals, before[0].transcribed_ms if before else 0, version)

    async def _say(self, call_id: str, finals: list[UtteranceFinal], transcribed_ms: int, version: str) -> Inspection:
        events = [record.value for record in await self._log.replay(CALL_EVENT, (call_id,))]
        score, findings = inspect_words(finals, self._card, _excused(events))
        inspection = Inspection(
            call_id=call_id,
            at_ms=self._now_ms(),
            score=score,
            findings=findings,
            transcribed_ms=transcribed_ms,
            scorecard=self._card.name,
            transcript=version,
        )
        event_id = f"{call_id}.inspection.{version}" if version else f"{call_id}.inspection"
        await self._log.append(CALL_INSPECTION, (call_id,), inspection, event_id=event_id)
        return inspection

    async def _heard_live(self, call_id: str) -> list[SpeechMessage]:
        kept = [record.value for record in await self._log.replay(CALL_SPEECH, (call_id,))]
        return [m for m in kept if not (isinstance(m, UtteranceFinal) and m.health is SpeechHealth.AFTER_CALL)]

    async def _hear(
        self, call_id: str, wav: WavFile, span: UnheardSpan, number: int, events: list[CallEvent]
    ) -> list[UtteranceFinal]:
        """The words of one span, numbered from `number` on."""
        first, frames = span.start_ms * RATE_HZ // 1000, (span.end_ms - span.start_ms) * RATE_HZ // 1000
        both = await asyncio.to_thread(wav.read, first, frames)
        samples, sent = both[:, CHANNEL[span.side]], both[:, 1 - CHANNEL[span.side]]
        if span.side is Side.CALLER:
            sent = sum_of(sent, played_prompts(events, self._prompts, first + frames)[first:], len(samples))
        utterances = await asyncio.to_thread(self._transcribe, samples, wav.rate_hz, sent)
        now_ms = self._now_ms()
        return [
            late_final(
                said,
                call_id=call_id,
                side=span.side,
                utterance_id=utterance_id(call_id, span.side, number + index),
                engine=ENGINE,
                now_ms=now_ms,
                from_ms=span.start_ms,
            )
            for index, said in enumerate(utterances)
        ]


def _missed(events: list[CallEvent], live: list[SpeechMessage], duration_ms: int) -> list[UnheardSpan]:
    answered = next((event for event in events if isinstance(event, CallAnswered)), None)
    if answered is None:
        return []
    began = {Side.CALLER: 0}
    connected = next((event for event in events if isinstance(event, CallConnected)), None)
    if connected is not None:
        began[Side.AGENT] = connected.at_ms - answered.at_ms
    return unheard_spans(live, answered_at_ms=answered.at_ms, side_began_ms=began, duration_ms=duration_ms)


def _excused(events: list[CallEvent]) -> list[Span]:
    """When the caller heard music or waited, so that nobody was expected to speak, until the talk went on."""
    answered = next((event for event in events if isinstance(event, CallAnswered)), None)
    if answered is None:
        return []
    spans, since_ms = [], None
    for event in sorted(events, key=lambda event: event.number):
        if isinstance(event, TalkChanged) and since_ms is None and not caller_talks(event.phase):
            since_ms = event.at_ms
        elif isinstance(event, TalkChanged) and since_ms is not None and caller_talks(event.phase):
            spans.append((since_ms - answered.at_ms, event.at_ms - answered.at_ms))
            since_ms = None
    return spans


def _number(final: UtteranceFinal) -> int:
    return int(final.utterance_id.rpartition("-")[2])


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
