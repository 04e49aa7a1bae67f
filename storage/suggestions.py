"""The knowledge that was recommended in each call, the newest version."""

import msgspec
from sqlalchemy import select

from domain.knowledge import Suggestion, SuggestionsUpdated
from storage.calls import hold_place
from storage.database import Transaction
from storage.tables import suggestions
from storage.upsert import upsert

_DECODER = msgspec.json.Decoder(SuggestionsUpdated)


async def save(tx: Transaction, update: SuggestionsUpdated) -> bool:
    """False when a version as new is there already."""
    await hold_place(tx, update.call_id)
    values = {
        "call_id": update.call_id,
        "version": update.version,
        "body": msgspec.json.encode(update).decode(),
    }
    return await upsert(tx, suggestions, values, keys=("call_id",), newer_by="version")


async def of_call(tx: Transaction, call_id: str) -> tuple[Suggestion, ...]:
    body = (await tx.execute(select(suggestions.c.body).where(suggestions.c.call_id == call_id))).scalar()
    return () if body is None else _DECODER.decode(body).suggestions
