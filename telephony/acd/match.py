"""Who gets whom: the next call in order, to the free agent whom the queue's strategy prefers.

After each event no call that may be offered is left beside a free agent who may take it; so only the calls and the
agents that the event set free are looked at.
"""

from collections.abc import Iterable

from domain.acd import Offer, QueueAgent, QueuedCall
from domain.acd_rules import AcdRules, Strategy
from domain.agent import AgentState
from telephony.acd.actions import RingPhone
from telephony.acd.draft import AcdDraft, replace
from telephony.acd.hours import is_open, opens_at_ms
from telephony.acd.moves import move
from telephony.acd.state import serves


def assign(draft: AcdDraft) -> None:
    """Offer calls until one side is exhausted."""
    if not draft.free or not draft.order or not (draft.fresh_calls or draft.fresh_agents):
        return
    nobody_for: set[tuple[str, int]] = set()
    for call in _candidates(draft):
        kind = (call.queue, call.reach)
        if kind in nobody_for:
            continue
        agents = (draft.agents[agent_id] for _, agent_id in draft.free)
        agent = choose(agents, call, draft.rules, draft.now_ms)
        if agent is None:
            nobody_for.add(kind)
            continue
        if call.hung_up and not is_open(draft.rules.callback_hours, draft.rules, draft.now_ms):
            later_ms = opens_at_ms(draft.rules.callback_hours, draft.rules, draft.now_ms)
            draft.set_call(replace(call, retry_at_ms=later_ms))
            continue
        _offer(draft, call, agent)
        if not draft.free:
            return


def _candidates(draft: AcdDraft) -> Iterable[QueuedCall]:
    if draft.fresh_agents:
        calls = [draft.calls[rank[-1]] for rank in draft.order]
    else:
        calls = [draft.calls[rank[-1]] for rank in draft.order if rank[-1] in draft.fresh_calls]
    return (call for call in calls if call.offerable)


def choose(agents: Iterable[QueueAgent], call: QueuedCall, rules: AcdRules, now_ms: int) -> QueueAgent | None:
    """The agent for this call among those who are free, given in the order in which they became so; None without.

    Agents of the call's own queue go before those whom its overflow brings in.
    """
    own = rules.of(call.queue)
    by_overflow: list[QueueAgent] = []
    eligible: list[QueueAgent] = []
    for agent in agents:
        if serves(agent, call.queue, rules):
            if own.strategy is Strategy.LONGEST_IDLE:
                return agent
            eligible.append(agent)
        elif call.reach and reaches(agent, call, rules):
            by_overflow.append(agent)
    return _preferred(eligible or by_overflow, own.strategy, own.skill, now_ms)


def reaches(agent: QueueAgent, call: QueuedCall, rules: AcdRules) -> bool:
    """Whether one of the open steps of the call's overflow leads to this agent."""
    return any(serves(agent, step.to, rules) for step in rules.of(call.queue).overflow[: call.reach])


def _preferred(agents: list[QueueAgent], strategy: Strategy, skill: str, now_ms: int) -> QueueAgent | None:
    if not agents:
        return None
    match strategy:
        case Strategy.LONGEST_IDLE:
            return agents[0]
        case Strategy.LEAST_OCCUPIED:
            return min(agents, key=lambda agent: occupancy(agent, now_ms))
        case Strategy.MOST_SKILLED:
            return max(agents, key=lambda agent: agent.skills.get(skill, 0))


def occupancy(agent: QueueAgent, now_ms: int) -> float:
    """The share of the time since signing in, without breaks, in which the agent had calls; of one who is free."""
    idle_ms = agent.idle_ms + now_ms - agent.since_ms
    return agent.busy_ms / (agent.busy_ms + idle_ms) if agent.busy_ms else 0.0


def _offer(draft: AcdDraft, call: QueuedCall, agent: QueueAgent) -> None:
    now_ms, rules = draft.now_ms, draft.rules
    offer = Offer(
        offer_id=f"{call.call_id}-{draft.offers_made}",
        call_id=call.call_id,
        agent_id=agent.agent_id,
        extension=agent.extension,
        queue=call.queue,
        waited_ms=now_ms - call.entered_at_ms,
        made_at_ms=now_ms,
        expires_at_ms=now_ms + rules.ring_timeout_ms,
        auto_answer=agent.auto_answer,
        callback_number=call.callback_number,
    )
    draft.offers_made += 1
    draft.set_offer(offer)
    draft.set_call(replace(call, offer_id=offer.offer_id))
    ringing = replace(agent, offer_id=offer.offer_id, call_id=call.call_id, queue=call.queue)
    move(draft, ringing, AgentState.RINGING, "")
    draft.actions.append(RingPhone(offer=offer, reason=_why(call, agent, rules, now_ms)))


def _why(call: QueuedCall, agent: QueueAgent, rules: AcdRules, now_ms: int) -> str:
    idle_s = (now_ms - agent.idle_since_ms) / 1000
    strategy = rules.of(call.queue).strategy
    chosen = {
        Strategy.LONGEST_IDLE: f"agent idle longest ({idle_s:.1f} s)",
        Strategy.LEAST_OCCUPIED: f"agent least occupied ({occupancy(agent, now_ms):.0%})",
        Strategy.MOST_SKILLED: f"agent most skilled ({agent.skills.get(rules.of(call.queue).skill, 0)})",
    }[strategy]
    overflow = "" if serves(agent, call.queue, rules) else ", by overflow"
    return f"first in {call.queue}{overflow}, {chosen}"
