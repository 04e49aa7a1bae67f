"""A flow: nodes of verbs, where it begins, and where every trouble leads."""

from collections.abc import Iterator

import msgspec

from ivr_flows.verbs.announce import Announce
from ivr_flows.verbs.branch import Branch
from ivr_flows.verbs.goto import GoTo
from ivr_flows.verbs.hang_up import HangUp
from ivr_flows.verbs.listen import Listen
from ivr_flows.verbs.queue import Queue
from ivr_flows.verbs.say import Say

Step = Announce | Say | Listen | Branch | Queue | HangUp | GoTo


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A named row of verbs; the last one leads on or ends the flow."""

    name: str
    line: int
    steps: tuple[Step, ...]

    def leads_to(self) -> tuple[tuple[str, str], ...]:
        """(condition, node) of each way out; the condition of a goto is empty."""
        ways: list[tuple[str, str]] = []
        for step in self.steps:
            if isinstance(step, Branch):
                ways += [(arm.label, arm.goto) for arm in step.arms]
            elif isinstance(step, GoTo):
                ways.append(("", step.node))
        return tuple(ways)


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """name, version: what a record of a call names. file: where it was read, for messages.

    start: the first node. person: the node whose verb `queue` takes a caller when anything goes wrong.
    longest_ms: after so long without a person or an end, the caller goes there too.
    """

    name: str
    version: int
    file: str
    start: str
    person: str
    nodes: dict[str, Node]
    longest_ms: int = 60_000

    @property
    def way_to_a_person(self) -> tuple[str, int, Queue]:
        """The verb that every trouble leads to, with its node and its place there; the loader made sure of it."""
        return next(found for found in self._queues() if found[0] == self.person)

    def queue_of(self, name: str) -> tuple[str, int, Queue]:
        """What is said to those who wait in this queue: by its own verb, or where it has none by the person's."""
        return next((found for found in self._queues() if found[2].name == name), self.way_to_a_person)

    def _queues(self) -> Iterator[tuple[str, int, Queue]]:
        for node in self.in_order():
            yield from ((node.name, index, step) for index, step in enumerate(node.steps) if isinstance(step, Queue))

    def prompts(self) -> tuple[str, ...]:
        """Every text that may be said, each once, in the order in which callers meet them."""
        texts: list[str] = []
        for node in self.in_order():
            for step in node.steps:
                match step:
                    case Queue():
                        texts += step.prompts()
                    case Announce() | Say() | HangUp() if step.text:
                        texts.append(step.text)
        return tuple(dict.fromkeys(texts))

    def in_order(self) -> Iterator[Node]:
        """The reachable nodes, nearest to the start first, then the others as they are written."""
        reached = list(reachable(self, self.start))
        yield from (self.nodes[name] for name in reached)
        yield from (node for name, node in self.nodes.items() if name not in reached)


def reachable(flow: Flow, start: str) -> dict[str, None]:
    """Names of the nodes that may follow `start`, itself included, nearest first."""
    found: dict[str, None] = {start: None}
    queue = [start]
    while queue:
        for _, name in flow.nodes[queue.pop(0)].leads_to():
            if name not in found:
                found[name] = None
                queue.append(name)
    return found
