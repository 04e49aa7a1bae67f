"""What every database must do with the records: twice is harmless, out of order is harmless."""

import asyncio

import msgspec
import pytest

from domain.agent import AgentState, AgentStatus
from domain.call import CallAnswered, CallArrived
from domain.errors import StorageError
from domain.evidence import Evidence
from domain.inspection import Inspection
from domain.knowledge import Article, Suggestion, SuggestionsUpdated
from domain.side import Side
from domain.speech import SpeechHealth, SpeechHealthChanged, UtteranceFinal
from domain.ticket import DraftField, DraftUpdated, FieldName
from storage import agents, audit, calls, inspections, sessions, suggestions, tickets, transcript, users
from storage.audit import AuditEntry
from storage.calls import CallRow, CallStatus, RecordingRow
from storage.tables import audit as audit_table
from storage.users import User, UserRole

NOW = 1_795_400_000_000
AGENT = User(id="u1", username="8001", display_name="林", role=UserRole.AGENT, agent_id="8001", extension="8001")
BASE = {"call_id": "c1", "switch_id": "s"}
ARRIVED = CallArrived(**BASE, number=0, at_ms=NOW, caller_number="13800000000", called_number="12345", trunk="t")
ANSWERED = CallAnswered(**BASE, number=1, at_ms=NOW + 10)


def utterance(number: int = 0, *, text: str = "你好。", recognised_at_ms: int = NOW) -> UtteranceFinal:
    return UtteranceFinal(
        call_id="c1",
        side=Side.CALLER,
        utterance_id=f"c1-caller-{number:04d}",
        start_ms=number * 1000,
        end_ms=number * 1000 + 900,
        text=text,
        char_ms=tuple(range(len(text))),
        confidence=0.9,
        engine="test",
        health=SpeechHealth.LIVE,
        ended_at_ms=NOW,
        recognised_at_ms=recognised_at_ms,
    )


def draft(version: int, **values: str) -> DraftUpdated:
    evidence = (Evidence(utterance_id="c1-caller-0000", chars=(0, 1), ms=(0, 100), quote="你", rule="test"),)
    fields = tuple(
        DraftField(name=FieldName(name), value=value, confidence=0.8, evidence=evidence)
        for name, value in values.items()
    )
    return DraftUpdated(
        call_id="c1", version=version, at_ms=NOW, after_utterance="c1-caller-0000", final_at_ms=NOW, fields=fields
    )


def found(version: int, title: str) -> SuggestionsUpdated:
    article = Article(
        article_id="a", title=title, questions=(), answer_script="", department="", source="", valid_until="2030-01-01"
    )
    return SuggestionsUpdated(
        call_id="c1",
        version=version,
        at_ms=NOW,
        after_utterance="",
        final_at_ms=NOW,
        suggestions=(Suggestion(article=article, score=1, evidence=()),),
    )


def status(state: AgentState, at_ms: int) -> AgentStatus:
    return AgentStatus(agent_id="8001", name="林", extension="8001", state=state, since_ms=at_ms, at_ms=at_ms)


async def test_events_of_a_call_come_back_in_order_and_once(database):
    for event in (ANSWERED, ARRIVED, ANSWERED, ARRIVED):
        async with database.write() as tx:
            events = await calls.add_event(tx, event)
    assert events == [ARRIVED, ANSWERED]


async def test_a_call_is_known_once_its_row_is_saved(database):
    row = CallRow(
        call_id="c1",
        caller_number="13800000000",
        status=CallStatus.TALKING,
        agent_id="8001",
        arrived_at_ms=NOW,
        queued_at_ms=NOW + 5,
        recording=RecordingRow(path="a.wav", duration_ms=5, sha256="0", finished_at_ms=NOW),
    )
    async with database.write() as tx:
        await calls.hold_place(tx, "c1")
    async with database.read() as tx:
        assert await calls.find(tx, "c1") is None
        assert await calls.newest(tx, limit=10) == []
    async with database.write() as tx:
        await calls.save(tx, row)
        await calls.save(tx, row)
    async with database.read() as tx:
        assert await calls.find(tx, "c1") == row
        assert await calls.of_agent_now(tx, "8001") == row
        assert await calls.newest(tx, limit=10, agent_id="8001") == [row]
        assert await calls.newest(tx, limit=10, agent_id="8002") == []
        assert await calls.newest(tx, limit=10, before_ms=NOW) == []
        assert await calls.queued_since(tx, NOW) == [msgspec.structs.replace(row, recording=None)]
        assert await calls.queued_since(tx, NOW + 6) == []


async def test_of_two_texts_of_one_utterance_the_later_stays(database):
    live, after_call = utterance(text="你号。"), utterance(recognised_at_ms=NOW + 60_000)
    for each, changes in ((utterance(1), True), (live, True), (after_call, True), (live, False), (after_call, False)):
        async with database.write() as tx:
            assert await transcript.add(tx, each) is changes
    async with database.read() as tx:
        assert await transcript.of_call(tx, "c1") == [after_call, utterance(1)]


async def test_the_latest_health_of_each_side_stays(database):
    def said(health: SpeechHealth, at_ms: int) -> SpeechHealthChanged:
        return SpeechHealthChanged(call_id="c1", side=Side.AGENT, health=health, reason="", at_ms=at_ms)

    for message in (said(SpeechHealth.OFF, 2), said(SpeechHealth.LIVE, 1), said(SpeechHealth.OFF, 2)):
        async with database.write() as tx:
            await transcript.set_health(tx, message)
    async with database.read() as tx:
        assert await transcript.health_of_call(tx, "c1") == {"agent": "off"}


async def test_an_older_draft_and_older_suggestions_change_nothing(database):
    async with database.write() as tx:
        assert await tickets.save_draft(tx, draft(2, title="new"))
        assert not await tickets.save_draft(tx, draft(1, title="old"))
        assert not await tickets.save_draft(tx, draft(2, title="new"))
        assert await suggestions.save(tx, found(2, "new"))
        assert not await suggestions.save(tx, found(1, "old"))
        assert (await tickets.read(tx, "c1")).fields["title"].value == "new"
        assert (await suggestions.of_call(tx, "c1"))[0].article.title == "new"


async def test_an_edit_outlives_drafts_and_can_be_given_back(database):
    async with database.write() as tx:
        await tickets.save_draft(tx, draft(1, title="draft 1"))
        await tickets.edit(tx, "c1", {FieldName.TITLE: "mine", FieldName.SUMMARY: ""}, by="u1", now_ms=NOW)
    async with database.write() as tx:
        await tickets.save_draft(tx, draft(2, title="draft 2", summary="text"))
        ticket = await tickets.read(tx, "c1")
    title, summary = ticket.fields["title"], ticket.fields["summary"]
    assert (title.value, title.draft_value, title.edited, ticket.version) == ("mine", "draft 2", True, 1)
    assert (summary.value, summary.draft_value) == ("", "text")
    async with database.write() as tx:
        given_back = await tickets.edit(tx, "c1", {FieldName.TITLE: None}, by="u1", now_ms=NOW)
    assert (given_back.fields["title"].value, given_back.version) == ("draft 2", 2)


async def test_a_submitted_ticket_is_at_rest(database):
    async with database.write() as tx:
        await tickets.save_draft(tx, draft(1, title="one"))
        await tickets.submit(tx, "c1", day="20261124", prefix="YJ", by="u1", now_ms=NOW)
        assert not await tickets.save_draft(tx, draft(2, title="two"))
        ticket = await tickets.read(tx, "c1")
    assert (ticket.number, ticket.fields["title"].value) == ("YJ20261124000001", "one")


async def test_ticket_numbers_are_given_once_however_many_submit_at_once(database):
    async def submit(call_id: str) -> str | None:
        async with database.write() as tx:
            await tickets.lock(tx, call_id)
            return (await tickets.submit(tx, call_id, day="20261124", prefix="YJ", by="u", now_ms=NOW)).number

    numbers = await asyncio.gather(*(submit(f"call{n}") for n in range(20)))
    assert sorted(numbers) == [f"YJ20261124{n:06d}" for n in range(1, 21)]


async def test_events_of_one_call_written_at_once_are_all_kept(database):
    events = [CallAnswered(**BASE, number=number, at_ms=NOW) for number in range(20)]

    async def add(event: CallAnswered) -> int:
        async with database.write() as tx:
            return len(await calls.add_event(tx, event))

    assert max(await asyncio.gather(*map(add, events))) == 20


async def test_the_latest_state_of_an_agent_stays_and_all_are_kept(database):
    ready, talking = status(AgentState.READY, 1), status(AgentState.TALKING, 2)
    async with database.write() as tx:
        assert await agents.save(tx, talking)
        assert not await agents.save(tx, ready)
        assert not await agents.save(tx, talking)
        assert await agents.find(tx, "8001") == talking
        assert await agents.all_agents(tx) == [talking]
        assert [change.state for change in await agents.changes_since(tx, 0)] == [AgentState.READY, AgentState.TALKING]


async def test_users_are_found_whatever_the_case_and_only_once_added(database):
    async with database.write() as tx:
        assert not await users.has_admin(tx)
        admin = msgspec.structs.replace(AGENT, id="u2", username="Anna", role=UserRole.ADMIN, agent_id="")
        assert await users.add(tx, admin, "hash", NOW)
        assert await users.add(tx, AGENT, "hash", NOW)
        assert not await users.add(tx, msgspec.structs.replace(AGENT, id="u3", username="other"), "hash", NOW)
        assert not await users.add(tx, msgspec.structs.replace(admin, id="u4", username="ANNA"), "hash", NOW)
        found_user = await users.credential(tx, " anna ")
        assert found_user is not None
        assert (found_user.user.username, found_user.user.role) == ("anna", UserRole.ADMIN)
        assert await users.has_admin(tx)
        await users.disable(tx, "u2")
        assert not await users.has_admin(tx)
        assert await users.agent_names(tx) == {"8001": "林", "anna": "林"}


async def test_a_session_ends_with_its_time_its_user_and_its_password(database):
    async with database.write() as tx:
        await users.add(tx, AGENT, "hash", NOW)
        await sessions.open_session(tx, "token", "u1", now_ms=NOW, expires_at_ms=NOW + 10)
        hashed = sessions.hash_token("token")
        assert (await sessions.find(tx, hashed, NOW + 9)).user == AGENT
        assert await sessions.find(tx, hashed, NOW + 10) is None
        assert await sessions.find(tx, "token", NOW) is None
        await sessions.extend(tx, hashed, NOW + 20)
        assert await sessions.find(tx, hashed, NOW + 10) is not None
        await users.set_password(tx, "u1", "other")
        assert await sessions.find(tx, hashed, NOW) is None


@pytest.mark.parametrize("change", [audit_table.delete(), audit_table.update().values(detail="nothing happened")])
async def test_the_audit_trail_cannot_be_rewritten(database, change):
    entry = AuditEntry(at_ms=NOW, user_id="u1", action="view_call", call_id="c1", source="127.0.0.1")
    async with database.write() as tx:
        await audit.add(tx, entry)
    with pytest.raises(StorageError, match="append-only"):
        async with database.write() as tx:
            await tx.execute(change)
    async with database.read() as tx:
        assert await audit.newest(tx, limit=5) == [entry]


async def test_a_transaction_that_fails_leaves_no_trace(database):
    async def fail() -> None:
        async with database.write() as tx:
            await users.add(tx, AGENT, "hash", NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with database.read() as tx:
        assert await users.all_users(tx) == []


async def test_of_two_inspections_of_a_call_the_later_stays(database):
    def result(score: int, at_ms: int) -> Inspection:
        return Inspection(call_id="c1", at_ms=at_ms, score=score, findings=(), transcribed_ms=0, scorecard="s")

    async with database.write() as tx:
        assert await inspections.of_call(tx, "c1") is None
        assert await inspections.save(tx, result(90, NOW + 1))
        assert not await inspections.save(tx, result(80, NOW))
        assert not await inspections.save(tx, result(90, NOW + 1))
        assert await inspections.of_call(tx, "c1") == result(90, NOW + 1)
