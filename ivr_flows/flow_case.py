"""Tests of a flow, in a file beside it: what a caller does, and what the flow must do (default.test.yaml).

    tests:
      - name: 按0立即转人工
        caller:
          - {at_ms: 1500, key: "0"}
        expect:
          - {say: 您好}                              # a prompt that begins so
          - {queue: default, because: key, by_ms: 1500}

Expectations are met in order; other actions may happen between them. by_ms: not later than this.
"""

from pathlib import Path

import msgspec
from yaml.nodes import Node

from domain.call import QueuedBecause
from domain.command import TurnAwayBecause
from ivr_flows.actions import Answer, AskCallback, Enqueue, FlowAction, HangUp, PlayMusic, Say, StopMusic, StopSaying
from ivr_flows.events import (
    AgentConnected,
    AgentRinging,
    CallerGone,
    DigitPressed,
    FlowEvent,
    PositionAnnounced,
    SpeechBegan,
    SpeechHeard,
    SpeechUnavailable,
    TurnedAway,
)
from ivr_flows.flow import Flow
from ivr_flows.section import Section, compose_file
from ivr_flows.simulator import Simulation, simulate

_DEEDS = (
    "key",
    "voice",
    "words",
    "sentence",
    "no_recogniser",
    "position",
    "turned_away",
    "ringing",
    "connected",
    "gone",
)
_EXPECTATIONS = ("answer", "say", "not_say", "stop_saying", "music", "queue", "callback", "hangup", "not_queue")
_LATEST_MS = 600_000


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """line: in the test file; kind: one of the words above; value: its argument; by_ms: the latest time."""

    line: int
    kind: str
    value: str
    because: QueuedBecause | None = None
    by_ms: int = _LATEST_MS


class FlowCase(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    where: str
    inputs: tuple[tuple[int, FlowEvent], ...]
    expect: tuple[Expectation, ...]


class FlowCaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """failure: "" when the test passed, else what was missing and where it was expected."""

    name: str
    failure: str


def cases_beside(flow_file: Path) -> Path:
    """Where a flow's tests stand: default.yaml → default.test.yaml."""
    return flow_file.with_name(f"{flow_file.stem}.test.yaml")


def read_flow_cases(file: Path) -> tuple[FlowCase, ...]:
    """The tests in `file`; FlowError with file and line for what cannot be read."""
    top = compose_file(file)
    top.only("tests")
    return tuple(_read_test(Section(file, node, "a test")) for node in top.items("tests"))


def run_flow_case(flow: Flow, case: FlowCase) -> FlowCaseResult:
    """Simulate the test's caller and compare."""
    simulation = simulate(flow, case.inputs)
    return FlowCaseResult(name=case.name, failure=_first_unmet(simulation, case))


def _read_test(section: Section) -> FlowCase:
    section.only("name", "caller", "expect")
    caller = section.items("caller") if "caller" in section.values else []
    return FlowCase(
        name=section.text("name"),
        where=f"{section.file}:{section.line}",
        inputs=tuple(_read_deed(section, node) for node in caller),
        expect=tuple(_read_expectation(section, node) for node in section.items("expect")),
    )


def _read_deed(test: Section, node: Node) -> tuple[int, FlowEvent]:
    section = Section(test.file, node, "a deed of the caller")
    kind = _the_one(section, _DEEDS, ("at_ms", "wait_s", "callback"))
    value = section.text(kind)
    events: dict[str, FlowEvent] = {
        "key": DigitPressed(value),
        "voice": SpeechBegan(),
        "words": SpeechHeard(value, False),
        "sentence": SpeechHeard(value, True),
        "no_recogniser": SpeechUnavailable(),
        "ringing": AgentRinging(),
        "connected": AgentConnected(),
        "gone": CallerGone(),
    }
    at_ms = section.whole("at_ms", 0, 0, _LATEST_MS)
    if kind == "position":
        wait_s = section.whole("wait_s", 0, 0, 86_400) if "wait_s" in section.values else None
        before = section.whole("position", 0, 0, 10_000)
        return at_ms, PositionAnnounced(before, wait_s, section.text("callback", "no") == "yes")
    if kind == "turned_away":
        return at_ms, TurnedAway(section.choice(kind, TurnAwayBecause, TurnAwayBecause.CLOSED))
    return at_ms, events[kind]


def _read_expectation(test: Section, node: Node) -> Expectation:
    section = Section(test.file, node, "an expectation")
    kind = _the_one(section, _EXPECTATIONS, ("because", "by_ms"))
    because = section.choice("because", QueuedBecause, QueuedBecause.FLOW) if "because" in section.values else None
    return Expectation(
        line=section.line,
        kind=kind,
        value=section.text(kind),
        because=because,
        by_ms=section.whole("by_ms", _LATEST_MS, 0, _LATEST_MS),
    )


def _the_one(section: Section, kinds: tuple[str, ...], others: tuple[str, ...]) -> str:
    section.only(*kinds, *others)
    named = [kind for kind in kinds if kind in section.values]
    if len(named) != 1:
        raise section.error(f"{section.what} needs exactly one kind", f"one of {', '.join(kinds)}")
    return named[0]


def _first_unmet(simulation: Simulation, case: FlowCase) -> str:
    position = 0
    file = case.where.rpartition(":")[0]
    for expectation in case.expect:
        where = f"{file}:{expectation.line}"
        wanted = f"{expectation.kind} {expectation.value}"
        rest = simulation.done[position:]
        met = next((index for index, each in enumerate(rest) if _meets(expectation, each.action)), None)
        if expectation.kind.startswith("not_"):
            if met is not None:
                return f"{where}: did what it must not ({wanted}) at {rest[met].at_ms} ms"
            continue
        if met is None:
            return f"{where}: did not happen: {wanted}"
        if rest[met].at_ms > expectation.by_ms:
            return f"{where}: {wanted} happened at {rest[met].at_ms} ms, after {expectation.by_ms} ms"
        position += met + 1
    return ""


def _meets(expectation: Expectation, action: FlowAction) -> bool:
    match expectation.kind, action:
        case (("say" | "not_say"), Say(text)):
            return text.startswith(expectation.value)
        case ("answer", Answer()) | ("stop_saying", StopSaying()):
            return True
        case "music", (PlayMusic() | StopMusic()):
            return isinstance(action, PlayMusic) is (expectation.value == "yes")
        case (("queue" | "not_queue"), Enqueue(queue, because)):
            return queue == expectation.value and expectation.because in (None, because)
        case "callback", AskCallback():
            return True
        case "hangup", HangUp(cause):
            return cause == expectation.value
    return False
