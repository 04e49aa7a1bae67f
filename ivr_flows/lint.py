"""What is wrong, or unwise, in a flow that can be read.

Unwise is what GB/T 33358-2016 advises against (voice menus) and what keeps a citizen from a person.
"""

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from ivr_flows.flow import Flow, Node, Step, reachable
from ivr_flows.pace import estimate_ms
from ivr_flows.verbs.announce import Announce
from ivr_flows.verbs.branch import Branch
from ivr_flows.verbs.goto import GoTo
from ivr_flows.verbs.hang_up import HangUp
from ivr_flows.verbs.listen import Listen, ListenFor
from ivr_flows.verbs.queue import Queue
from ivr_flows.verbs.say import BargeIn, Say

LONGEST_PROMPT_MS = 6000


class Severity(StrEnum):
    """An error is refused; a warning is for a person to judge."""

    ERROR = "error"
    WARNING = "warning"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    severity: Severity
    where: str
    what: str
    remedy: str


def lint(flow: Flow) -> tuple[Finding, ...]:
    """Everything found, errors first, each with file and line."""
    reached = reachable(flow, flow.start)
    found: list[Finding] = []
    for node in flow.nodes.values():
        if node.name not in reached and node.name != flow.person:
            found.append(_warning(flow, node.line, f"no way leads to the node '{node.name}'", "remove it, or go to it"))
        found += _lint_order(flow, node)
        found += _lint_announcements(flow, node)
        found += _lint_prompts(flow, node)
    found += _lint_exits(flow, reached)
    found += _lint_loops(flow)
    found += _lint_levels(flow, reached)
    return tuple(sorted(found, key=lambda finding: finding.severity is Severity.WARNING))


def _error(flow: Flow, line: int, what: str, remedy: str) -> Finding:
    return Finding(severity=Severity.ERROR, where=f"{flow.file}:{line}", what=what, remedy=remedy)


def _warning(flow: Flow, line: int, what: str, remedy: str) -> Finding:
    return Finding(severity=Severity.WARNING, where=f"{flow.file}:{line}", what=what, remedy=remedy)


def _leads_away(step: Step) -> bool:
    return isinstance(step, Branch | GoTo | Queue | HangUp)


def _lint_order(flow: Flow, node: Node) -> Iterator[Finding]:
    for step, before in zip(node.steps, (None, *node.steps), strict=False):
        if before is not None and _leads_away(before):
            yield _error(flow, step.line, f"a step of '{node.name}' is never reached", "remove it, or move it up")
        if isinstance(step, Branch) and not isinstance(before, Listen):
            yield _error(flow, step.line, "a branch without a listen before it", "put 'listen' right before it")
        if isinstance(before, Listen) and not isinstance(step, Branch):
            yield _error(flow, before.line, "a listen whose outcome nobody reads", "put 'branch' right behind it")
    last = node.steps[-1]
    if not _leads_away(last):
        yield _error(
            flow, last.line, f"the node '{node.name}' leads nowhere", "end it with goto, branch, queue or hangup"
        )


def _lint_announcements(flow: Flow, node: Node) -> Iterator[Finding]:
    """What is to be heard before the answer comes before all that answers."""
    before_answer = node.name == flow.start
    for step in node.steps:
        before_answer = before_answer and isinstance(step, Announce)
        if isinstance(step, Announce) and not before_answer:
            remedy = f"put it first in the node '{flow.start}', or write say"
            yield _error(flow, step.line, "an announce where the call is answered already", remedy)


def _lint_prompts(flow: Flow, node: Node) -> Iterator[Finding]:
    for step, following in zip(node.steps, (*node.steps[1:], None), strict=True):
        for text in _texts(step):
            length_ms = estimate_ms(text)
            if length_ms > LONGEST_PROMPT_MS:
                seconds = f"about {length_ms / 1000:.1f} s, more than {LONGEST_PROMPT_MS / 1000:.0f} s"
                yield _warning(flow, step.line, f"a prompt takes {seconds}: {text[:12]}…", "say less")
        if isinstance(step, Say) and isinstance(following, Listen) and step.barge_in is BargeIn.NONE:
            yield _warning(flow, step.line, "the caller cannot interrupt this prompt", "write barge_in: any")


def _texts(step: Step) -> tuple[str, ...]:
    match step:
        case Announce() | Say() | HangUp():
            return (step.text,)
        case Queue():
            return step.prompts()
    return ()


def _lint_exits(flow: Flow, reached: dict[str, None]) -> Iterator[Finding]:
    for name in reached:
        node = flow.nodes[name]
        ahead = [flow.nodes[other] for other in reachable(flow, name)]
        if not any(isinstance(step, Queue) for other in ahead for step in other.steps):
            listens = any(isinstance(step, Listen) for other in ahead for step in other.steps)
            if listens or name == flow.start:
                yield _error(
                    flow, node.line, f"no way leads from '{name}' to a person", "let a branch go to a node that queues"
                )
        for listen, branch in zip(node.steps, node.steps[1:], strict=False):
            if isinstance(listen, Listen) and isinstance(branch, Branch) and listen.wants is not ListenFor.SPEECH:
                zero = next((arm for arm in branch.arms if arm.key == "0"), None)
                if zero is None or flow.person not in reachable(flow, zero.goto):
                    yield _warning(
                        flow, branch.line, "0 does not lead to a person", f"add {{key: 0, goto: {flow.person}}}"
                    )


def _lint_loops(flow: Flow) -> Iterator[Finding]:
    """A ring of nodes in which nothing takes time would spin."""
    quick = {
        name: [other for _, other in node.leads_to()]
        for name, node in flow.nodes.items()
        if not any(isinstance(step, Say | Listen) for step in node.steps)
    }
    for name, ways in quick.items():
        ahead, seen = list(ways), set[str]()
        while ahead:
            other = ahead.pop()
            if other == name:
                line = flow.nodes[name].line
                yield _error(flow, line, f"the node '{name}' leads back to itself at once", "let it say or listen")
                break
            if other in quick and other not in seen:
                seen.add(other)
                ahead += quick[other]


def _lint_levels(flow: Flow, reached: dict[str, None]) -> Iterator[Finding]:
    listening = [name for name in reached if any(isinstance(step, Listen) for step in flow.nodes[name].steps)]
    for name in listening:
        node = flow.nodes[name]
        if sum(isinstance(step, Listen) for step in node.steps) > 1:
            yield _warning(flow, node.line, f"'{name}' asks more than once", "one question, then a person")
        deeper = [other for other in listening if other != name and other in reachable(flow, name)]
        if name == flow.start or flow.start not in listening:
            for other in deeper:
                line = flow.nodes[other].line
                what = f"'{other}' is a second level of menu: GB/T 33358-2016 advises against voice menus"
                yield _warning(flow, line, what, "send the caller to a person instead")
