"""Tickets (工单): the assistant's draft and the agent's edits, kept apart so that no draft overwrites an edit."""

from enum import StrEnum

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.engine import RowMapping

from domain.evidence import Evidence
from domain.ticket import DraftUpdated, FieldName
from storage.calls import hold_place
from storage.database import Transaction
from storage.tables import drafts, ticket_edits, ticket_numbers, tickets
from storage.upsert import insert_new, upsert

_DECODER = msgspec.json.Decoder(DraftUpdated)


class TicketStatus(StrEnum):
    """草稿, 已提交."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


class TicketField(msgspec.Struct, frozen=True, kw_only=True):
    """value: what counts now, the agent's where `edited`, else the draft's; empty when there is none."""

    value: str = ""
    draft_value: str = ""
    edited: bool = False
    confidence: float = 0.0
    evidence: tuple[Evidence, ...] = ()


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """version: counts what people did to it (edits, submission); drafts do not count, so they conflict with nobody."""

    call_id: str
    fields: dict[str, TicketField]
    status: TicketStatus = TicketStatus.DRAFT
    number: str | None = None
    version: int = 0
    draft_version: int = 0
    submitted_at_ms: int | None = None


def merge(draft: DraftUpdated | None, edits: dict[str, str]) -> dict[str, TicketField]:
    """All fields: an edit, even to nothing, stands over any draft."""
    drafted = {field.name.value: field for field in draft.fields} if draft else {}
    fields = {}
    for name in FieldName:
        proposed = drafted.get(name.value)
        draft_value = proposed.value if proposed else ""
        fields[name.value] = TicketField(
            value=edits.get(name.value, draft_value),
            draft_value=draft_value,
            edited=name.value in edits,
            confidence=proposed.confidence if proposed else 0.0,
            evidence=proposed.evidence if proposed else (),
        )
    return fields


async def save_draft(tx: Transaction, draft: DraftUpdated) -> bool:
    """False when a draft as new is there already, or the ticket is submitted and so at rest."""
    row = await _lock(tx, draft.call_id)
    if row["status"] == TicketStatus.SUBMITTED:
        return False
    values = {"call_id": draft.call_id, "version": draft.version, "body": msgspec.json.encode(draft).decode()}
    return await upsert(tx, drafts, values, keys=("call_id",), newer_by="version")


async def read(tx: Transaction, call_id: str) -> Ticket:
    """The call's ticket; an empty one when nothing was drafted or edited yet."""
    row = (await tx.execute(select(tickets).where(tickets.c.call_id == call_id))).mappings().first()
    body = (await tx.execute(select(drafts.c.body).where(drafts.c.call_id == call_id))).scalar()
    draft = None if body is None else _DECODER.decode(body)
    edits = await tx.execute(select(ticket_edits).where(ticket_edits.c.call_id == call_id))
    ticket = Ticket(
        call_id=call_id,
        fields=merge(draft, {edit.field: edit.value for edit in edits}),
        draft_version=draft.version if draft else 0,
    )
    if row is None:
        return ticket
    return msgspec.structs.replace(
        ticket,
        status=TicketStatus(row["status"]),
        number=row["number"],
        version=row["version"],
        submitted_at_ms=row["submitted_at_ms"],
    )


async def find_by_number(tx: Transaction, number: str) -> Ticket | None:
    """The submitted ticket of this number, its letters included."""
    call_id = (await tx.execute(select(tickets.c.call_id).where(tickets.c.number == number))).scalar()
    return None if call_id is None else await read(tx, call_id)


async def lock(tx: Transaction, call_id: str) -> Ticket:
    """The ticket, which nobody else changes until the transaction ends."""
    await _lock(tx, call_id)
    return await read(tx, call_id)


async def edit(tx: Transaction, call_id: str, changes: dict[FieldName, str | None], *, by: str, now_ms: int) -> Ticket:
    """Write the agent's values; None gives a field back to the draft. The caller has locked the ticket."""
    for name, value in changes.items():
        key = (ticket_edits.c.call_id == call_id) & (ticket_edits.c.field == name.value)
        if value is None:
            await tx.execute(delete(ticket_edits).where(key))
            continue
        values = {
            "call_id": call_id,
            "field": name.value,
            "value": value,
            "edited_by": by,
            "edited_at_ms": now_ms,
        }
        await upsert(tx, ticket_edits, values, keys=("call_id", "field"))
    raised = update(tickets).where(tickets.c.call_id == call_id).values(version=tickets.c.version + 1)
    await tx.execute(raised)
    return await read(tx, call_id)


async def submit(tx: Transaction, call_id: str, *, day: str, prefix: str, by: str, now_ms: int) -> Ticket:
    """Close the ticket under the day's next number (prefix, YYYYMMDD, six digits). The caller has locked it."""
    values = {
        "status": TicketStatus.SUBMITTED.value,
        "number": await _next_number(tx, prefix + day),
        "version": tickets.c.version + 1,
        "submitted_at_ms": now_ms,
        "submitted_by": by,
    }
    await tx.execute(update(tickets).where(tickets.c.call_id == call_id).values(values))
    return await read(tx, call_id)


async def statuses(tx: Transaction, call_ids: list[str]) -> dict[str, TicketStatus]:
    """Of those calls whose ticket somebody has touched or drafted."""
    query = select(tickets.c.call_id, tickets.c.status).where(tickets.c.call_id.in_(call_ids))
    return {row.call_id: TicketStatus(row.status) for row in await tx.execute(query)}


async def _lock(tx: Transaction, call_id: str) -> RowMapping:
    await hold_place(tx, call_id)
    await insert_new(tx, tickets, {"call_id": call_id, "status": TicketStatus.DRAFT.value, "version": 0})
    query = select(tickets).where(tickets.c.call_id == call_id).with_for_update()
    return (await tx.execute(query)).mappings().one()


async def _next_number(tx: Transaction, day: str) -> str:
    await insert_new(tx, ticket_numbers, {"day": day, "last": 0})
    raised = update(ticket_numbers).where(ticket_numbers.c.day == day).values(last=ticket_numbers.c.last + 1)
    last = (await tx.execute(raised.returning(ticket_numbers.c.last))).scalar_one()
    return f"{day}{last:06d}"
