"""Second transcripts (复核转写): each version by itself, beside the live one, which they never touch."""

import msgspec
from sqlalchemy import select

from domain.speech import UtteranceFinal
from domain.transcript import TranscriptReached, TranscriptState, TranscriptWords
from storage.calls import hold_place
from storage.database import Transaction
from storage.tables import transcript_utterances, transcripts
from storage.upsert import insert_new, upsert

_REACHED = msgspec.json.Decoder(TranscriptReached)
_UTTERANCE = msgspec.json.Decoder(UtteranceFinal)


class SecondTranscript(msgspec.Struct, frozen=True, kw_only=True):
    """utterances: in the order in which they began; () until it is DONE, since half a transcript would mislead."""

    reached: TranscriptReached
    utterances: tuple[UtteranceFinal, ...] = ()


async def save(tx: Transaction, reached: TranscriptReached) -> bool:
    """Keep how far it is; what is DONE stays so. False when nothing changed."""
    await hold_place(tx, reached.call_id)
    if await _is_done(tx, reached.call_id, reached.version):
        return False
    values = {
        "call_id": reached.call_id,
        "version": reached.version,
        "state": reached.state.value,
        "at_ms": reached.at_ms,
        "body": msgspec.json.encode(reached).decode(),
    }
    return await upsert(tx, transcripts, values, keys=("call_id", "version"), newer_by="at_ms")


async def add_words(tx: Transaction, words: TranscriptWords) -> None:
    """Keep the utterances, each once; a version that is DONE takes no more."""
    await hold_place(tx, words.call_id)
    if await _is_done(tx, words.call_id, words.version):
        return
    for utterance in words.utterances:
        values = {
            "call_id": words.call_id,
            "version": words.version,
            "utterance_id": utterance.utterance_id,
            "start_ms": utterance.start_ms,
            "body": msgspec.json.encode(utterance).decode(),
        }
        await insert_new(tx, transcript_utterances, values)


async def newest(tx: Transaction, call_id: str) -> SecondTranscript | None:
    """The newest version that is DONE, else the newest of all; None while none has begun."""
    query = select(transcripts.c.body).where(transcripts.c.call_id == call_id).order_by(transcripts.c.at_ms.desc())
    versions = [_REACHED.decode(body) for body in (await tx.execute(query)).scalars()]
    if not versions:
        return None
    best = next((reached for reached in versions if reached.state is TranscriptState.DONE), versions[0])
    if best.state is not TranscriptState.DONE:
        return SecondTranscript(reached=best)
    table = transcript_utterances
    of_version = select(table.c.body).where(table.c.call_id == call_id, table.c.version == best.version)
    bodies = (await tx.execute(of_version.order_by(table.c.start_ms, table.c.utterance_id))).scalars()
    return SecondTranscript(reached=best, utterances=tuple(_UTTERANCE.decode(body) for body in bodies))


async def _is_done(tx: Transaction, call_id: str, version: str) -> bool:
    query = select(transcripts.c.state).where(transcripts.c.call_id == call_id, transcripts.c.version == version)
    return (await tx.execute(query)).scalar() == TranscriptState.DONE
