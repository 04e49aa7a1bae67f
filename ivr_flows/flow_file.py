"""Reading a flow file (YAML). Whatever is wrong is refused here, with file and line, never halfway through a call."""

from collections.abc import Callable
from pathlib import Path

import msgspec
from yaml.nodes import MappingNode
from yaml.nodes import Node as YamlNode

from domain.errors import FlowError
from ivr_flows.flow import Flow, Node, Step
from ivr_flows.lint import Severity, lint
from ivr_flows.section import Section, compose_file, nearest
from ivr_flows.verbs.announce import Announce
from ivr_flows.verbs.branch import Arm, Branch, check_arms, read_arm
from ivr_flows.verbs.goto import GoTo
from ivr_flows.verbs.hang_up import HangUp
from ivr_flows.verbs.listen import Listen
from ivr_flows.verbs.queue import Queue
from ivr_flows.verbs.say import Say

LANGUAGE_VERSION = 1
VERBS = ("announce", "say", "listen", "branch", "queue", "hangup", "goto")


def default_flow_path() -> Path:
    """The built-in flow: one sentence, then a person."""
    return Path(__file__).parent / "flows" / "default.yaml"


def load_flow(file: Path) -> Flow:
    """The flow in `file`; FlowError for the first thing that would go wrong in a call."""
    flow = read_flow(file)
    for finding in lint(flow):
        if finding.severity is Severity.ERROR:
            raise FlowError(finding.what, where=finding.where, remedy=finding.remedy)
    return flow


def read_flow(file: Path) -> Flow:
    """The flow in `file` as it is written; only what cannot be read at all is refused."""
    top = compose_file(file)
    top.only("language", "flow", "version", "start", "person", "longest_ms", "nodes")
    language = top.whole("language", LANGUAGE_VERSION, 1, 1_000)
    if language != LANGUAGE_VERSION:
        raise top.error(
            f"it is written in version {language} of the flow language",
            f"this program reads version {LANGUAGE_VERSION}",
            top.values["language"],
        )
    nodes = _read_nodes(top)
    flow = Flow(
        name=top.text("flow"),
        version=top.whole("version", 1, 1, 1_000_000),
        file=str(file),
        start=top.text("start"),
        person=top.text("person"),
        nodes=nodes,
        longest_ms=top.whole("longest_ms", 60_000, 5_000, 600_000),
    )
    _check_names(flow, top)
    return flow


def _read_nodes(top: Section) -> dict[str, Node]:
    if "nodes" not in top.values:
        raise top.error("a flow lacks 'nodes'", "add 'nodes:' and under it a name and its list of verbs")
    section = Section(top.file, top.values["nodes"], "nodes")
    if not section.values:
        raise section.error("a flow without nodes", "add a name and its list of verbs")
    return {
        name: Node(
            name=name,
            line=section.lines[name],
            steps=_with_urgent_words(tuple(_read_step(section, item) for item in section.items(name))),
        )
        for name in section.values
    }


def _read_step(nodes: Section, item: YamlNode) -> Step:
    if not isinstance(item, MappingNode) or len(item.value) != 1:
        raise nodes.error("a step is one verb", "write '- say: {text: …}', one verb after each '-'", item)
    key, value = item.value[0]
    verb = nodes.scalar(key, "a verb")
    if verb == "goto":
        return GoTo(line=key.start_mark.line + 1, node=nodes.scalar(value, "'goto'"))
    if verb == "branch":
        return _read_branch(nodes, item)
    readers: dict[str, Callable[[Section], Step]] = {
        "announce": Announce.read,
        "say": Say.read,
        "listen": Listen.read,
        "queue": Queue.read,
        "hangup": HangUp.read,
    }
    if verb not in readers:
        raise nodes.error(f"'{verb}' is not a verb", nearest(verb, VERBS), key)
    return readers[verb](Section(nodes.file, value, f"the verb {verb}"))


def _read_branch(nodes: Section, item: YamlNode) -> Branch:
    section = Section(nodes.file, item, "the verb branch")
    arms: tuple[Arm, ...] = tuple(
        read_arm(Section(nodes.file, arm, "an arm of branch")) for arm in section.items("branch")
    )
    check_arms(arms, section)
    return Branch(line=section.line, arms=arms)


def _with_urgent_words(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Each `listen` knows the words that the `branch` behind it waits for."""
    told: list[Step] = []
    for step, following in zip(steps, (*steps[1:], None), strict=True):
        if isinstance(step, Listen) and isinstance(following, Branch):
            told.append(msgspec.structs.replace(step, urgent=following.urgent, closed=following.closed))
        else:
            told.append(step)
    return tuple(told)


def _check_names(flow: Flow, top: Section) -> None:
    """Every node that is named must be there, and `person` must queue."""
    for name in ("start", "person"):
        wanted = top.text(name)
        if wanted not in flow.nodes:
            raise top.error(f"'{name}' names no node: '{wanted}'", nearest(wanted, flow.nodes), top.values[name])
    for node in flow.nodes.values():
        for step in node.steps:
            arms = step.arms if isinstance(step, Branch) else (step,) if isinstance(step, GoTo) else ()
            for arm in arms:
                wanted = arm.node if isinstance(arm, GoTo) else arm.goto
                if wanted not in flow.nodes:
                    where = f"{flow.file}:{arm.line}"
                    raise FlowError(f"no node is called '{wanted}'", where=where, remedy=nearest(wanted, flow.nodes))
    person = flow.nodes[flow.person]
    if not any(isinstance(step, Queue) for step in person.steps):
        where = f"{flow.file}:{person.line}"
        raise FlowError(f"the node '{flow.person}' does not queue", where=where, remedy="give it a 'queue' verb")
