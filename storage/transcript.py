"""Transcripts (通话转写): final utterances of both sides, and how well each side is being listened to."""

import msgspec
from sqlalchemy import select

from domain.speech import SpeechHealthChanged, UtteranceFinal
from storage.calls import hold_place
from storage.database import Transaction
from storage.tables import speech_health, utterances
from storage.upsert import upsert

_DECODER = msgspec.json.Decoder(UtteranceFinal)


async def add(tx: Transaction, utterance: UtteranceFinal) -> bool:
    """Keep it; of two with one id the one that was recognised later stays. False when nothing changed."""
    await hold_place(tx, utterance.call_id)
    values = {
        "utterance_id": utterance.utterance_id,
        "call_id": utterance.call_id,
        "recognised_at_ms": utterance.recognised_at_ms,
        "start_ms": utterance.start_ms,
        "body": msgspec.json.encode(utterance).decode(),
    }
    return await upsert(tx, utterances, values, keys=("utterance_id",), newer_by="recognised_at_ms")


async def of_call(tx: Transaction, call_id: str) -> list[UtteranceFinal]:
    """In the order in which they began."""
    query = select(utterances.c.body).where(utterances.c.call_id == call_id)
    ordered = query.order_by(utterances.c.start_ms, utterances.c.utterance_id)
    return [_DECODER.decode(body) for body in (await tx.execute(ordered)).scalars()]


async def set_health(tx: Transaction, changed: SpeechHealthChanged) -> bool:
    """The latest word on each side stays. False when nothing changed."""
    await hold_place(tx, changed.call_id)
    values = {
        "call_id": changed.call_id,
        "side": changed.side.value,
        "health": changed.health.value,
        "reason": changed.reason,
        "at_ms": changed.at_ms,
    }
    return await upsert(tx, speech_health, values, keys=("call_id", "side"), newer_by="at_ms")


async def health_of_call(tx: Transaction, call_id: str) -> dict[str, str]:
    """Health by side; a side of which nothing was said is absent."""
    query = select(speech_health.c.side, speech_health.c.health).where(speech_health.c.call_id == call_id)
    return {row.side: row.health for row in await tx.execute(query)}
