"""Agents (坐席): their state now, and each state they came to, for the day's after-call work."""

from typing import NamedTuple

import msgspec
from sqlalchemy import select

from domain.agent import AgentState, AgentStatus
from storage.database import Transaction
from storage.tables import agent_states, agents
from storage.upsert import insert_new, upsert

_DECODER = msgspec.json.Decoder(AgentStatus)


class StateChange(NamedTuple):
    """An agent came to `state` at `since_ms` (Unix, ms)."""

    agent_id: str
    since_ms: int
    state: AgentState


async def save(tx: Transaction, status: AgentStatus) -> bool:
    """False when a later status of that agent is there already."""
    change = {
        "agent_id": status.agent_id,
        "since_ms": status.since_ms,
        "state": status.state.value,
        "call_id": status.call_id,
    }
    await insert_new(tx, agent_states, change)
    values = {"agent_id": status.agent_id, "at_ms": status.at_ms, "body": msgspec.json.encode(status).decode()}
    return await upsert(tx, agents, values, keys=("agent_id",), newer_by="at_ms")


async def find(tx: Transaction, agent_id: str) -> AgentStatus | None:
    body = (await tx.execute(select(agents.c.body).where(agents.c.agent_id == agent_id))).scalar()
    return None if body is None else _DECODER.decode(body)


async def all_agents(tx: Transaction) -> list[AgentStatus]:
    bodies = (await tx.execute(select(agents.c.body).order_by(agents.c.agent_id))).scalars()
    return [_DECODER.decode(body) for body in bodies]


async def changes_since(tx: Transaction, since_ms: int) -> list[StateChange]:
    """In the order in which they happened."""
    query = (
        select(agent_states.c.agent_id, agent_states.c.since_ms, agent_states.c.state)
        .where(agent_states.c.since_ms >= since_ms)
        .order_by(agent_states.c.since_ms)
    )
    return [StateChange(row.agent_id, row.since_ms, AgentState(row.state)) for row in await tx.execute(query)]
