"""What the pages are shown, as frozen values; their JSON is docs/contracts.md's."""

import msgspec

from desk.call_history import CallStep, history
from desk.call_record import times_of
from domain.agent import AgentOffer, AgentStatus
from domain.inspection import Finding, Inspection
from domain.knowledge import Suggestion
from domain.speech import Correction, SpeechHealthChanged, SpokenNumber, SpokenWords, UtteranceFinal, UtterancePartial
from service_level.clocks import Clocks, clocks
from service_level.numbers import Numbers
from storage import calls, inspections, second_transcripts, suggestions, tickets, transcript, users
from storage.calls import CallDirection, CallRow, TalkRow
from storage.database import Transaction
from storage.second_transcripts import SecondTranscript
from storage.tickets import Ticket
from telephony.calls.talk import allowed


class RecordingView(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    duration_ms: int


class TalkView(TalkRow, frozen=True, kw_only=True):
    """can: the moves that the call's phase allows (telephony.calls.talk.Move), for the buttons."""

    can: tuple[str, ...]


class CallSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A line in the list of calls. agent_ids: all who have talked in it; talk: null unless people talk now."""

    call_id: str
    caller_number: str
    called_number: str
    status: str
    agent_id: str
    agent_name: str
    arrived_at_ms: int | None
    answered_at_ms: int | None
    queued_at_ms: int | None
    connected_at_ms: int | None
    ended_at_ms: int | None
    clocks: Clocks
    recording: RecordingView | None
    ticket_status: str
    direction: str
    agent_ids: list[str]
    talk: TalkView | None


class UtteranceView(msgspec.Struct, frozen=True, kw_only=True):
    """Words of one side; `final` false while they are still being said.

    char_confidence: for each character of the text how likely it is right; empty where that is not known.
    corrections: which of its characters are not as the recogniser wrote them, in order.
    numbers: what was read out digit by digit; one that is not sure has to be confirmed.
    spoken: what was said where the text writes a number, in order.
    language: as in UtteranceFinal.
    ended_at_ms, recognised_at_ms: wall clock (Unix, ms) of the end of the voice and of these words; None for partials.
    firm: of a partial, how many of its characters stay as they are until the final (asr.local_agreement).
    """

    call_id: str
    side: str
    utterance_id: str
    start_ms: int
    end_ms: int
    text: str
    final: bool
    confidence: float | None
    health: str
    char_confidence: tuple[float, ...] = ()
    corrections: tuple[Correction, ...] = ()
    numbers: tuple[SpokenNumber, ...] = ()
    spoken: tuple[SpokenWords, ...] = ()
    language: str = ""
    ended_at_ms: int | None = None
    recognised_at_ms: int | None = None
    firm: int | None = None


class HealthView(msgspec.Struct, frozen=True, kw_only=True):
    """Null: that side has not begun, as the agent's before the call is connected."""

    caller: str | None = None
    agent: str | None = None


class SecondTranscriptView(msgspec.Struct, frozen=True, kw_only=True):
    """What was written down from the whole recording (复核). state: of domain.transcript; utterances: [] until done."""

    version: str
    state: str
    at_ms: int
    utterances: list[UtteranceView]


class InspectionView(msgspec.Struct, frozen=True, kw_only=True):
    """The domain's Inspection, as a part of its call."""

    at_ms: int
    score: int
    scorecard: str
    transcribed_ms: int
    findings: tuple[Finding, ...]
    transcript: str


class CallView(CallSummary, frozen=True, kw_only=True):
    """A call with all that is known of it. inspection: null until the recording has been inspected.

    utterances: as they were heard live; second_transcript: null until the recording is heard again.

    history: what people did with it; names: of those who appear there, by agent id.
    """

    utterances: list[UtteranceView]
    ticket: Ticket
    suggestions: tuple[Suggestion, ...]
    health: HealthView
    inspection: InspectionView | None
    second_transcript: SecondTranscriptView | None
    history: list[CallStep]
    names: dict[str, str]


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    waiting: int = 0
    longest_wait_ms: int = 0


class DeskView(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page needs when it opens or comes back. agents: everyone's states, for those who watch."""

    agent: AgentStatus | None
    call: CallView | None
    offer: AgentOffer | None
    numbers: Numbers
    queue: QueueView
    extensions: list[str]
    hotline_name: str
    agents: list[AgentStatus]


def final_view(utterance: UtteranceFinal) -> UtteranceView:
    return UtteranceView(
        call_id=utterance.call_id,
        side=utterance.side.value,
        utterance_id=utterance.utterance_id,
        start_ms=utterance.start_ms,
        end_ms=utterance.end_ms,
        text=utterance.text,
        final=True,
        confidence=utterance.confidence,
        char_confidence=utterance.char_confidence,
        corrections=utterance.corrections,
        numbers=utterance.numbers,
        spoken=utterance.spoken,
        language=utterance.language,
        health=utterance.health.value,
        ended_at_ms=utterance.ended_at_ms,
        recognised_at_ms=utterance.recognised_at_ms,
    )


def partial_view(utterance: UtterancePartial) -> UtteranceView:
    return UtteranceView(
        call_id=utterance.call_id,
        side=utterance.side.value,
        utterance_id=utterance.utterance_id,
        start_ms=utterance.start_ms,
        end_ms=utterance.end_ms,
        text=utterance.text,
        final=False,
        confidence=None,
        health=utterance.health.value,
        firm=utterance.firm,
    )


def second_view(second: SecondTranscript) -> SecondTranscriptView:
    reached = second.reached
    return SecondTranscriptView(
        version=reached.version,
        state=reached.state.value,
        at_ms=reached.at_ms,
        utterances=[final_view(each) for each in second.utterances],
    )


def inspection_view(inspection: Inspection) -> InspectionView:
    return InspectionView(**{name: getattr(inspection, name) for name in InspectionView.__struct_fields__})


def talk_view(talk: TalkRow) -> TalkView:
    fields = {name: getattr(talk, name) for name in TalkRow.__struct_fields__}
    return TalkView(**fields, can=tuple(sorted(allowed(talk.phase))))


def summary(row: CallRow, agent_name: str, ticket_status: str) -> CallSummary:
    recording = row.recording
    return CallSummary(
        call_id=row.call_id,
        caller_number=row.caller_number,
        called_number=row.called_number,
        status=row.status.value,
        agent_id=row.agent_id,
        agent_name=agent_name,
        arrived_at_ms=row.arrived_at_ms,
        answered_at_ms=row.answered_at_ms,
        queued_at_ms=row.queued_at_ms,
        connected_at_ms=row.connected_at_ms,
        ended_at_ms=row.ended_at_ms,
        clocks=clocks(times_of(row)) if row.direction is CallDirection.IN else Clocks(),
        recording=None if recording is None else RecordingView(path=recording.path, duration_ms=recording.duration_ms),
        ticket_status=ticket_status,
        direction=row.direction.value,
        agent_ids=list(row.agents),
        talk=None if row.talk is None else talk_view(row.talk),
    )


async def read_summaries(tx: Transaction, rows: list[CallRow]) -> list[CallSummary]:
    names = await users.agent_names(tx)
    statuses = await tickets.statuses(tx, [row.call_id for row in rows])
    return [
        summary(row, names.get(row.agent_id, ""), statuses.get(row.call_id, tickets.TicketStatus.DRAFT).value)
        for row in rows
    ]


async def read_call(tx: Transaction, row: CallRow) -> CallView:
    """The whole of one call, from one consistent state of the database."""
    names = await users.agent_names(tx)
    ticket = await tickets.read(tx, row.call_id)
    inspection = await inspections.of_call(tx, row.call_id)
    second = await second_transcripts.newest(tx, row.call_id)
    short = summary(row, names.get(row.agent_id, ""), ticket.status.value)
    steps = history(await calls.events(tx, row.call_id))
    return CallView(
        **{name: getattr(short, name) for name in CallSummary.__struct_fields__},
        utterances=[final_view(each) for each in await transcript.of_call(tx, row.call_id)],
        ticket=ticket,
        suggestions=await suggestions.of_call(tx, row.call_id),
        health=HealthView(**await transcript.health_of_call(tx, row.call_id)),
        inspection=None if inspection is None else inspection_view(inspection),
        second_transcript=None if second is None else second_view(second),
        history=steps,
        names={step.who: names[step.who] for step in steps if step.who in names},
    )


async def find_call(tx: Transaction, call_id: str) -> CallView | None:
    row = await calls.find(tx, call_id)
    return None if row is None else await read_call(tx, row)


def health_members(changed: SpeechHealthChanged) -> dict[str, object]:
    """The live message about one side's listening."""
    return {
        "call_id": changed.call_id,
        "side": changed.side.value,
        "health": changed.health.value,
        "reason": changed.reason,
    }
