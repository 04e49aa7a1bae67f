"""What the inspector (质检) said of each call, the newest word."""

import msgspec
from sqlalchemy import select

from domain.inspection import Inspection
from storage.calls import hold_place
from storage.database import Transaction
from storage.tables import inspections
from storage.upsert import upsert

_DECODER = msgspec.json.Decoder(Inspection)


async def save(tx: Transaction, inspection: Inspection) -> bool:
    """False when one as new is there already."""
    await hold_place(tx, inspection.call_id)
    values = {
        "call_id": inspection.call_id,
        "at_ms": inspection.at_ms,
        "score": inspection.score,
        "body": msgspec.json.encode(inspection).decode(),
    }
    return await upsert(tx, inspections, values, keys=("call_id",), newer_by="at_ms")


async def of_call(tx: Transaction, call_id: str) -> Inspection | None:
    """None until the call has been inspected."""
    body = (await tx.execute(select(inspections.c.body).where(inspections.c.call_id == call_id))).scalar()
    return None if body is None else _DECODER.decode(body)
