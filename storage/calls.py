"""Calls (话单): each call's own events, and one row that is folded from them.

The events are the truth: whoever adds one gets all of that call so far, folds them anew and saves the row. So the
same event twice, or two in the wrong order, end in the same row.
"""

from enum import StrEnum

import msgspec
from sqlalchemy import or_, select, update
from sqlalchemy.engine import RowMapping

from domain.call import CallEvent
from domain.side import Side
from domain.talk import Supervision, TalkPhase
from domain.target import Target
from storage.database import Transaction
from storage.tables import call_agents, call_events, calls, recordings
from storage.upsert import insert_new, upsert

_DECODER = msgspec.json.Decoder(CallEvent)
_ENCODER = msgspec.json.Encoder()
_CONVERTED = frozenset({"status", "direction", "talk"})
_PLACE = {
    "caller_number": "",
    "called_number": "",
    "trunk": "",
    "status": "ivr",
    "agent_id": "",
    "ended_by": "",
    "end_cause": "",
}


class CallStatus(StrEnum):
    """自助, 排队, 振铃, 通话, 已结束."""

    IVR = "ivr"
    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"


class CallDirection(StrEnum):
    """呼入, 呼出."""

    IN = "in"
    OUT = "out"


class TalkRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who is in the call now and hears whom; fields as in domain.talk.TalkChanged, and of a silence that lasts.

    silent_since_ms: wall clock (Unix, ms), None while people speak; silent_side: as in domain.talk.CallFellSilent.
    """

    phase: TalkPhase
    muted: bool = False
    third: Target | None = None
    leader_id: str = ""
    supervision: Supervision | None = None
    silent_since_ms: int | None = None
    silent_side: Side | None = None


class RecordingRow(msgspec.Struct, frozen=True, kw_only=True):
    """path: relative to the data directory's `recordings`."""

    path: str
    duration_ms: int
    sha256: str
    finished_at_ms: int


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """A call as its events tell it. Times: wall clock (Unix, ms). agent_id: who talks, rings or has talked last.

    agents: all who have talked in it, in their order. talk: None before and after people talk.
    """

    call_id: str
    caller_number: str = ""
    called_number: str = ""
    trunk: str = ""
    status: CallStatus = CallStatus.IVR
    agent_id: str = ""
    arrived_at_ms: int | None = None
    answered_at_ms: int | None = None
    menu_ended_at_ms: int | None = None
    queued_at_ms: int | None = None
    connected_at_ms: int | None = None
    ended_at_ms: int | None = None
    ended_by: str = ""
    end_cause: str = ""
    direction: CallDirection = CallDirection.IN
    agents: tuple[str, ...] = ()
    talk: TalkRow | None = None
    recording: RecordingRow | None = None

    @property
    def listeners(self) -> frozenset[str]:
        """The agents who are in the call or rung for it now, and so see its words."""
        third = self.talk.third.agent_id if self.talk is not None and self.talk.third is not None else ""
        return frozenset({self.agent_id, third}) - {""}

    def __repr__(self) -> str:
        return f"CallRow({self.call_id} {self.status.value})"


_TALK = msgspec.json.Decoder(TalkRow)


async def hold_place(tx: Transaction, call_id: str) -> None:
    """Let rows of other tables name the call even when its own events come later."""
    await insert_new(tx, calls, _PLACE | {"call_id": call_id})


async def lock(tx: Transaction, call_id: str) -> None:
    """One writer at a time for this call (SQLite has one writer anyway)."""
    await hold_place(tx, call_id)
    await tx.execute(select(calls.c.call_id).where(calls.c.call_id == call_id).with_for_update())


async def add_event(tx: Transaction, event: CallEvent) -> list[CallEvent]:
    """Keep the event; all of the call's events so far, in order."""
    await lock(tx, event.call_id)
    values = {
        "call_id": event.call_id,
        "number": event.number,
        "at_ms": event.at_ms,
        "body": _ENCODER.encode(event).decode(),
    }
    await insert_new(tx, call_events, values)
    return await events(tx, event.call_id)


async def has_event(tx: Transaction, event: CallEvent) -> bool:
    """Whether this event has been kept already; nobody else keeps it until the transaction is over."""
    await lock(tx, event.call_id)
    one = (call_events.c.call_id == event.call_id) & (call_events.c.number == event.number)
    return (await tx.execute(select(call_events.c.number).where(one))).first() is not None


async def events(tx: Transaction, call_id: str) -> list[CallEvent]:
    query = select(call_events.c.body).where(call_events.c.call_id == call_id).order_by(call_events.c.number)
    return [_DECODER.decode(body) for body in (await tx.execute(query)).scalars()]


async def save(tx: Transaction, row: CallRow) -> None:
    """Replace the call's row by this one, which was folded from all events."""
    values = msgspec.structs.asdict(row)
    recording: RecordingRow | None = values.pop("recording")
    agents: tuple[str, ...] = values.pop("agents")
    values["talk"] = None if row.talk is None else _ENCODER.encode(row.talk).decode()
    await tx.execute(update(calls).where(calls.c.call_id == row.call_id).values(values))
    if recording is not None:
        values = msgspec.structs.asdict(recording) | {"call_id": row.call_id}
        await upsert(tx, recordings, values, keys=("call_id",))
    for place, agent_id in enumerate(agents):
        await insert_new(tx, call_agents, {"call_id": row.call_id, "agent_id": agent_id, "place": place})


_WITH_RECORDING = select(
    calls, recordings.c.path, recordings.c.duration_ms, recordings.c.sha256, recordings.c.finished_at_ms
).outerjoin(recordings, recordings.c.call_id == calls.c.call_id)


async def find(tx: Transaction, call_id: str) -> CallRow | None:
    """None for an unknown call, and for one whose own events have not come yet."""
    row = (await tx.execute(_WITH_RECORDING.where(calls.c.call_id == call_id))).mappings().first()
    if row is None or row["arrived_at_ms"] is None:
        return None
    [call] = await _with_agents(tx, [_call(row)])
    return call


async def newest(
    tx: Transaction, *, limit: int, before_ms: int | None = None, agent_id: str = "", live: bool = False
) -> list[CallRow]:
    """Newest first, those that arrived before `before_ms`, that one agent talked in or all; live: not yet ended."""
    query = _WITH_RECORDING.where(calls.c.arrived_at_ms.is_not(None))
    if before_ms is not None:
        query = query.where(calls.c.arrived_at_ms < before_ms)
    if agent_id:
        talked = select(call_agents.c.call_id).where(call_agents.c.agent_id == agent_id)
        query = query.where(or_(calls.c.agent_id == agent_id, calls.c.call_id.in_(talked)))
    if live:
        query = query.where(calls.c.status != CallStatus.ENDED.value)
    rows = await tx.execute(query.order_by(calls.c.arrived_at_ms.desc(), calls.c.call_id.desc()).limit(limit))
    return await _with_agents(tx, [_call(row) for row in rows.mappings()])


async def _with_agents(tx: Transaction, rows: list[CallRow]) -> list[CallRow]:
    """The rows with those who have talked in each."""
    found: dict[str, list[str]] = {row.call_id: [] for row in rows}
    query = select(call_agents).where(call_agents.c.call_id.in_(found)).order_by(call_agents.c.place)
    for each in await tx.execute(query):
        found[each.call_id].append(each.agent_id)
    return [msgspec.structs.replace(row, agents=tuple(found[row.call_id])) for row in rows]


async def of_agent_now(tx: Transaction, agent_id: str) -> CallRow | None:
    """The call that rings at the agent or that the agent talks in."""
    up = (CallStatus.RINGING.value, CallStatus.TALKING.value)
    query = _WITH_RECORDING.where(calls.c.agent_id == agent_id, calls.c.status.in_(up))
    row = (await tx.execute(query.order_by(calls.c.arrived_at_ms.desc()).limit(1))).mappings().first()
    if row is None:
        return None
    [call] = await _with_agents(tx, [_call(row)])
    return call


async def queued_since(tx: Transaction, since_ms: int) -> list[CallRow]:
    """The calls that were handed to people since then, for the day's numbers; without recordings."""
    query = select(calls).where(calls.c.queued_at_ms >= since_ms, calls.c.arrived_at_ms.is_not(None))
    return [_call(row) for row in (await tx.execute(query)).mappings()]


def _call(row: RowMapping) -> CallRow:
    recording = None
    if row.get("path") is not None:
        recording = RecordingRow(
            path=row["path"],
            duration_ms=row["duration_ms"],
            sha256=row["sha256"],
            finished_at_ms=row["finished_at_ms"],
        )
    values = {column.name: row[column.name] for column in calls.c if column.name not in _CONVERTED}
    return CallRow(
        **values,
        status=CallStatus(row["status"]),
        direction=CallDirection(row["direction"]),
        talk=None if row["talk"] is None else _TALK.decode(row["talk"]),
        recording=recording,
    )
