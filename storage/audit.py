"""The audit trail (审计): who looked at, played or changed what. It can be added to, and read; nothing else."""

import msgspec
from sqlalchemy import select

from storage.database import Transaction
from storage.tables import audit


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One deed. action: 'sign_in', 'view_call', 'play_recording', 'edit_ticket', …; detail: no personal data."""

    at_ms: int
    user_id: str
    action: str
    source: str = ""
    call_id: str = ""
    detail: str = ""


async def add(tx: Transaction, entry: AuditEntry) -> None:
    values = msgspec.structs.asdict(entry)
    values["call_id"] = entry.call_id[:64]
    values["source"] = entry.source[:64]
    await tx.execute(audit.insert().values(values))


async def newest(tx: Transaction, *, limit: int, call_id: str = "") -> list[AuditEntry]:
    """Newest first."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if call_id:
        query = query.where(audit.c.call_id == call_id)
    return [
        AuditEntry(**{name: row[name] for name in AuditEntry.__struct_fields__})
        for row in (await tx.execute(query)).mappings()
    ]
