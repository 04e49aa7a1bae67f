"""The role `assist`: after each final utterance a new draft and new suggestions, and knowledge search for the desk."""

import time
from datetime import date

from agent_assist.assistant import Assistant, open_assistant
from agent_assist.heard_call import HeardCall, HeardCalls
from agent_assist.metrics import ADVISE_S, CALLS, FAILURES, FINAL_TO_DRAFT_S
from domain.call import CallArrived
from domain.knowledge import KnowledgeFound, SearchKnowledge
from domain.ports import Record
from domain.speech import SpeechMessage, UtteranceFinal
from domain.topics import CALL_ASSIST, CALL_EVENT, CALL_SPEECH, KNOWLEDGE_SEARCH
from hotline.hot_words import HotWordTeller
from hotline.roles.context import RoleContext

CONSUMER = "assist"
GROUP = "assist"
_MOST_FOUND = 50


async def run(context: RoleContext) -> None:
    """Assist until the context stops. KnowledgeError when a knowledge or rule file is wrong."""
    assistant = open_assistant(context.settings.agent_assist)
    hot_words = HotWordTeller(context.log, context.settings.agent_assist)
    await hot_words.tell()
    listening = _Listening(context, assistant)
    speech = await context.log.consume(CALL_SPEECH, listening.on_speech, consumer=CONSUMER)
    search = await context.bus.serve(KNOWLEDGE_SEARCH, (), listening.on_search, group=GROUP)
    context.logger.info("assistant_ready")
    await hot_words.watch(context.stopping)
    await search.close()
    await speech.close()


class _Listening:
    """The calls that this process hears. Several processes share the consumer's turns, so what another one took is
    read again from the log; a gap in the stream's sequence tells when that is needed."""

    def __init__(self, context: RoleContext, assistant: Assistant) -> None:
        settings = context.settings.agent_assist
        self._log = context.log
        self._logger = context.logger
        self._assistant = assistant
        self._calls = HeardCalls(settings.most_calls, int(settings.forget_after_s * 1000))
        self._last_sequence = 0
        self._unbroken_from = 0

    async def on_search(self, _subject: str, question: SearchKnowledge) -> KnowledgeFound:
        limit = max(0, min(question.limit, _MOST_FOUND))
        return KnowledgeFound(suggestions=self._assistant.search(question.query, limit, _today()))

    async def on_speech(self, record: Record[SpeechMessage]) -> None:
        """One record of the speech stream. A BusError lets it come again; a call that cannot be drafted is skipped."""
        if record.sequence not in (self._last_sequence, self._last_sequence + 1):
            self._unbroken_from = record.sequence
        self._last_sequence = record.sequence
        said = record.value
        if not isinstance(said, UtteranceFinal):
            return
        call = await self._call_up_to(said, record.sequence)
        self._calls.keep(call, _now_ms())
        CALLS.set(len(self._calls))
        if call.version > call.advised:
            await self._advise(call, said)

    async def _call_up_to(self, said: UtteranceFinal, sequence: int) -> HeardCall:
        """The call with all its finals up to this record, so that the version is the same whoever computes it."""
        call = self._calls.find(said.call_id) or HeardCall(said.call_id)
        if call.last_sequence < self._unbroken_from - 1 or not call.utterances:
            for record in await self._log.replay(CALL_SPEECH, (said.call_id,), after=call.last_sequence):
                if isinstance(record.value, UtteranceFinal) and record.sequence <= sequence:
                    call.hear(record.value, record.sequence)
        call.hear(said, sequence)
        if call.caller_number is None:
            events = await self._log.replay(CALL_EVENT, (said.call_id,))
            arrivals = (event.value for event in events if isinstance(event.value, CallArrived))
            call.caller_number = next((arrival.caller_number for arrival in arrivals), None)
        return call

    async def _advise(self, call: HeardCall, said: UtteranceFinal) -> None:
        version = call.version
        try:
            with ADVISE_S.time():
                draft, suggestions = self._assistant.advise(call.transcript(), _now_ms(), _today())
        except Exception:
            # One call that the rules cannot read must not keep all others from being read.
            FAILURES.inc()
            self._logger.exception("no draft for this utterance", call_id=call.call_id, version=version)
            call.advised = version
            return
        await self._log.append(CALL_ASSIST, (call.call_id,), draft, event_id=f"{call.call_id}.draft.{version}")
        await self._log.append(
            CALL_ASSIST, (call.call_id,), suggestions, event_id=f"{call.call_id}.suggestions.{version}"
        )
        call.advised = version
        FINAL_TO_DRAFT_S.observe(max(0.0, (_now_ms() - said.recognised_at_ms) / 1000))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _today() -> str:
    return date.today().isoformat()
