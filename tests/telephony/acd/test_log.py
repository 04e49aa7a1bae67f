"""Logs that were written before the rules stood in them, and snapshots in parts."""

from pathlib import Path

import msgspec

from domain.acd_event import AcdEvent, SnapshotTaken
from domain.acd_rules import AcdRules
from domain.agent import AgentState
from telephony.acd import state as acd_state
from telephony.acd.decision import decide
from telephony.acd.state import AcdState, restored, snapshot_parts
from tests.telephony.paper_queue import Queue

FIRST_FORM = Path(__file__).with_name("acd_log_first_form.jsonl")


def replay(events: list[AcdEvent]) -> AcdState:
    state = AcdState(rules=AcdRules())
    for event in events:
        state, _ = decide(state, event)
    return state


def test_a_log_of_the_first_form_is_replayed_with_and_without_its_snapshot() -> None:
    events = [msgspec.json.decode(line, type=AcdEvent) for line in FIRST_FORM.read_bytes().splitlines()]
    snapshot = next(number for number, event in enumerate(events) if isinstance(event, SnapshotTaken))
    for state in (replay(events), replay(events[snapshot:]), replay(events[:snapshot] + events[snapshot + 1 :])):
        assert sorted(state.calls) == ["c2", "c4"]
        agents = {agent_id: (agent.state, agent.call_id) for agent_id, agent in state.agents.items()}
        assert agents == {"a": (AgentState.TALKING, "c3"), "b": (AgentState.RINGING, "c2")}
        assert list(state.offers) == ["c2-1"]


def test_a_large_snapshot_comes_in_parts_and_is_whole_again(monkeypatch) -> None:
    monkeypatch.setattr(acd_state, "CALLERS_PER_PART", 3)
    queue = Queue()
    queue.ready("a", "1001")
    for number in range(10):
        queue.enter(f"c{number}", caller_number=f"138{number}")
        queue.now_ms += 1_000_000
    parts = snapshot_parts(queue.state)
    assert len(parts) > 4
    state = AcdState(rules=AcdRules())
    for number, part in enumerate(parts):
        stored = msgspec.json.decode(msgspec.json.encode(part), type=type(part))
        state = restored(stored, state, number)
    assert state == queue.state
