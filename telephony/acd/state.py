"""The queue's state as it is decided upon: a value that is never changed, and of which an event copies next to nothing.

The facts are maps that share what did not change with their successors (hash array mapped tries). Beside them stand
their orders, all derived from the facts: who waits in which order, which agents are free since when, who talks in which
call, and whose deadline is next. Orders are sorted tuples: to put one in or take one out copies pointers only.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec
from immutables import Map

from domain.acd import AcdSnapshot, CallerHour, Departed, Offer, Pace, Phone, QueueAgent, QueuedCall
from domain.acd_rules import AcdRules
from domain.agent import AgentState

Rank = tuple[bool, int, int, int, str]
"""Emergencies first, then by priority where no waiting makes up for it, by place, by arrival; the call's id."""
Due = tuple[int, str, str]
"""When, what kind of thing ('agent', 'call', 'departed', 'offer', 'phone'), its id."""
Free = tuple[int, str]
"""Since when, agent_id."""
Item = TypeVar("Item", bound=tuple[object, ...])

CALLERS_PER_PART = 20_000
"""Digests in one part of a snapshot: a message of the bus holds a megabyte."""


class AcdState(msgspec.Struct, frozen=True, kw_only=True):
    """calls, offers, agents, phones, departed, paces: as in AcdSnapshot. hours: who called, oldest hour first.

    order, free, agenda, phone_agenda: the orders. talks: by call who talks in it, or is rung for it without an offer.
    desks: by extension who sits there. dials: by the call that calls a citizen back its offer. staff: by queue how many
    who serve it are signed in.
    """

    rules: AcdRules = AcdRules()
    calls: Map[str, QueuedCall] = Map()
    offers: Map[str, Offer] = Map()
    agents: Map[str, QueueAgent] = Map()
    phones: Map[str, Phone] = Map()
    departed: Map[str, Departed] = Map()
    paces: Map[str, Pace] = Map()
    hours: tuple[tuple[int, Map[str, bool]], ...] = ()
    arrivals: int = 0
    offers_made: int = 0
    seen: Map[str, bool] = Map()
    seen_before: Map[str, bool] = Map()

    order: tuple[Rank, ...] = ()
    free: tuple[Free, ...] = ()
    agenda: tuple[Due, ...] = ()
    phone_agenda: tuple[Due, ...] = ()
    talks: Map[str, tuple[str, ...]] = Map()
    desks: Map[str, str] = Map()
    dials: Map[str, str] = Map()
    staff: Map[str, int] = Map()

    def in_order(self) -> Iterator[QueuedCall]:
        """Who waits, the next one first."""
        return (self.calls[rank[-1]] for rank in self.order)

    def was_seen(self, event_id: str) -> bool:
        return event_id in self.seen or event_id in self.seen_before


def begun(rules: AcdRules) -> AcdState:
    """The state before the first event."""
    return AcdState(rules=rules, staff=staff_of((), rules))


def rank_of(call: QueuedCall, rules: AcdRules) -> Rank:
    """Where the call stands. One level of priority is worth rules.ageing_ms of waiting."""
    levels = call.priority + (rules.repeat_priority if call.repeat else 0)
    if rules.ageing_ms:
        return not call.emergency, 0, call.since_ms - levels * rules.ageing_ms, call.arrival, call.call_id
    return not call.emergency, -levels, call.since_ms, call.arrival, call.call_id


def is_party(agent: QueueAgent) -> bool:
    """Whether the agent is in a call, or rung for one, that no offer stands for."""
    return agent.state is AgentState.TALKING or (agent.state is AgentState.RINGING and not agent.offer_id)


def call_due(call: QueuedCall) -> int:
    """When something about this call is to be looked at, 0 for never."""
    times = (call.retry_at_ms, call.probe_at_ms, call.say_at_ms, call.overflow_at_ms, call.limit_at_ms)
    return min((time for time in times if time), default=0)


def put(items: tuple[Item, ...], item: Item) -> tuple[Item, ...]:
    """The sorted items with this one among them."""
    at = bisect_left(items, item)
    return (*items[:at], item, *items[at:])


def take(items: tuple[Item, ...], item: Item) -> tuple[Item, ...]:
    """The sorted items without this one, which is there."""
    at = bisect_left(items, item)
    return (*items[:at], *items[at + 1 :])


def serves(agent: QueueAgent, queue: str, rules: AcdRules) -> bool:
    """Whether the queue is the agent's own. "" is everybody's."""
    known = rules.queues.get(queue)
    if known is None:
        return not queue or queue in agent.queues
    return not known.skill or agent.skills.get(known.skill, 0) >= known.level


def staff_of(agents: Iterable[QueueAgent], rules: AcdRules) -> Map[str, int]:
    """By queue how many of the agents serve it."""
    listed = list(agents)
    return Map({queue: sum(serves(agent, queue, rules) for agent in listed) for queue in rules.queues})


def snapshot_parts(state: AcdState) -> list[AcdSnapshot]:
    """The facts as they are stored, in parts that the bus can carry."""
    parts = [
        AcdSnapshot(
            calls=dict(state.calls),
            offers=dict(state.offers),
            agents=dict(state.agents),
            phones=dict(state.phones),
            departed=dict(state.departed),
            paces=dict(state.paces),
            arrivals=state.arrivals,
            offers_made=state.offers_made,
            seen=tuple(sorted(state.seen)),
            seen_before=tuple(sorted(state.seen_before)),
            rules=state.rules,
        )
    ]
    for hour, callers in state.hours:
        digests = sorted(callers)
        for begin in range(0, len(digests), CALLERS_PER_PART):
            some = CallerHour(hour=hour, callers=tuple(digests[begin : begin + CALLERS_PER_PART]))
            parts.append(AcdSnapshot(hours=(some,)))
    return parts


def restored(snapshot: AcdSnapshot, before: AcdState, part: int) -> AcdState:
    """The state that a part of a snapshot makes of the one before it; the orders are found anew."""
    hours = _with_hours(() if part == 0 else before.hours, snapshot.hours)
    if part:
        return msgspec.structs.replace(before, hours=hours)
    rules = snapshot.rules or before.rules
    agents = snapshot.agents.values()
    talks: dict[str, tuple[str, ...]] = {}
    for agent in sorted(filter(is_party, agents), key=lambda agent: agent.agent_id):
        talks[agent.call_id] = (*talks.get(agent.call_id, ()), agent.agent_id)
    return AcdState(
        rules=rules,
        calls=Map(snapshot.calls),
        offers=Map(snapshot.offers),
        agents=Map(snapshot.agents),
        phones=Map(snapshot.phones),
        departed=Map(snapshot.departed),
        paces=Map(snapshot.paces),
        hours=hours,
        arrivals=snapshot.arrivals,
        offers_made=snapshot.offers_made,
        seen=Map(dict.fromkeys(snapshot.seen, True)),
        seen_before=Map(dict.fromkeys(snapshot.seen_before, True)),
        order=tuple(sorted(rank_of(call, rules) for call in snapshot.calls.values())),
        free=tuple(sorted((a.idle_since_ms, a.agent_id) for a in agents if a.state is AgentState.READY)),
        agenda=tuple(sorted(_agenda(snapshot, rules))),
        phone_agenda=tuple(sorted(due for phone in snapshot.phones.values() if (due := phone_due(phone, rules))[0])),
        talks=Map(talks),
        desks=Map({agent.extension: agent.agent_id for agent in agents}),
        dials=Map({offer.dialled: offer.offer_id for offer in snapshot.offers.values() if offer.dialled}),
        staff=staff_of(agents, rules),
    )


def offer_due(offer: Offer, rules: AcdRules) -> Due:
    return offer.expires_at_ms + rules.ring_grace_ms, "offer", offer.offer_id


def phone_due(phone: Phone, rules: AcdRules) -> Due:
    """0 for a phone that is gone already."""
    at_ms = phone.expires_at_ms + rules.phone_grace_ms if phone.registered else 0
    return at_ms, "phone", phone.extension


def _agenda(snapshot: AcdSnapshot, rules: AcdRules) -> Iterator[Due]:
    for offer in snapshot.offers.values():
        yield offer_due(offer, rules)
    for agent in snapshot.agents.values():
        if agent.wrap_up_ends_ms:
            yield agent.wrap_up_ends_ms, "agent", agent.agent_id
    for call in snapshot.calls.values():
        if due_ms := call_due(call):
            yield due_ms, "call", call.call_id
    for gone in snapshot.departed.values():
        yield gone.forget_at_ms, "departed", gone.number


def _with_hours(
    hours: tuple[tuple[int, Map[str, bool]], ...], more: tuple[CallerHour, ...]
) -> tuple[tuple[int, Map[str, bool]], ...]:
    found = dict(hours)
    for part in more:
        found[part.hour] = found.get(part.hour, Map()).update(dict.fromkeys(part.callers, True))
    return tuple(sorted(found.items(), key=lambda item: item[0]))
