"""`hotline queue`: what the queue decided, and why."""

import asyncio
import secrets
from typing import Annotated

import typer

from bus.connection import connect
from domain.acd_event import AcdEvent, CallEntered, SnapshotTaken
from domain.acd_rules import AcdRules
from domain.errors import RefusedError
from domain.ids import time_of_id
from domain.ports import EventLog
from domain.topics import ACD_LOG
from hotline.commands import settings
from hotline.config import Settings
from hotline.queue_rules import rules_of
from telephony.acd.explain import Why, explain
from telephony.acd.words import Language, line

_HOUR_MS = 3_600_000
_LOOK_BACK_MS = (_HOUR_MS, 24 * _HOUR_MS)
"""How far before the call the log is read, until there is a snapshot to begin with; then all of it."""

queue_app = typer.Typer(no_args_is_help=True, help="The queue (ACD).")


@queue_app.callback()
def queue() -> None:
    """The queue (ACD)."""


@queue_app.command("explain")
def explain_call(
    call_id: Annotated[str, typer.Argument(help="the call, as the pages and logs name it")],
    lang: Annotated[Language, typer.Option(help="language of the sentences")] = Language.ZH,
) -> None:
    """Say why a caller waited, from the queue's own log: who was free, who went first, whose telephone rang."""
    chosen = settings()
    rules = rules_of(chosen)
    found = asyncio.run(_explain(chosen, rules, call_id))
    if not found:
        raise RefusedError(
            "the queue's log does not know this call",
            where=call_id,
            remedy=f"is it the id of a call that waited for a person, not older than {chosen.bus.acd_days:g} days?",
        )
    for why in found:
        typer.echo(line(why, lang, rules.utc_offset_ms))


async def _explain(chosen: Settings, rules: AcdRules, call_id: str) -> list[Why]:
    name = f"explain-{secrets.token_hex(4)}"  # nothing is written under it
    connection = await connect(chosen.bus, name, chosen.service.data_dir)
    try:
        return explain(await read_log(connection.log, call_id), call_id, rules)
    finally:
        await connection.close()


async def read_log(log: EventLog, call_id: str) -> list[AcdEvent]:
    """The queue's log from a snapshot before the call on; all of it when there is none."""
    begun_ms = time_of_id(call_id)
    for back_ms in _LOOK_BACK_MS if begun_ms is not None else ():
        records = await log.replay(ACD_LOG, (), since_ms=max(1, (begun_ms or 0) - back_ms))
        events = [record.value for record in records]
        start = _last_snapshot(events, call_id)
        if start is not None:
            return events[start:]
    events = [record.value for record in await log.replay(ACD_LOG, ())]
    return events[_last_snapshot(events, call_id) or 0 :]


def _last_snapshot(events: list[AcdEvent], call_id: str) -> int | None:
    """Where the latest whole snapshot before the call stands."""
    start = None
    for number, event in enumerate(events):
        if isinstance(event, SnapshotTaken) and event.part == 0:
            start = number
        elif isinstance(event, CallEntered) and event.call_id == call_id:
            break
    return start
