"""The audit trail of what an agent asks by the telephone alone; what is asked on a page is there before it happens."""

from desk import hand_over
from domain.call import CallEvent, CallPlaced, DialBecause
from domain.colleague_call import ColleagueAnswered, ColleagueCalled
from domain.talk import EmergencyHandedOver
from storage import audit, calls, users
from storage.audit import AuditEntry
from storage.database import Transaction

DIAL = "dial"
COLLEAGUE = "call_colleague"
COLLEAGUE_TALKS = "talk_with_colleague"
BY_KEYS = "telephone keys"
BY_DIALLING = "telephone"
"""These stand where an entry has the address of a page, which a telephone has not."""


def dial_detail(number: str) -> str:
    """What the audit trail says of a number that was called, however that was asked for."""
    return f"…{number[-4:]}"


async def note(tx: Transaction, event: CallEvent) -> None:
    """Write it down, once. To be called before the event is kept, in the same transaction."""
    match event:
        case EmergencyHandedOver(keyed=True, target=target, agent_id=agent_id, location=location):
            detail = hand_over.audit_detail(target.name or target.value, location)
            action, source = hand_over.ACTION, BY_KEYS
        case CallPlaced(because=DialBecause.PHONE, agent_id=agent_id, citizen_number=number):
            action, source, detail = DIAL, BY_DIALLING, dial_detail(number)
        case _:
            return
    if await calls.has_event(tx, event):
        return
    await _add(tx, event, agent_id, action, source, detail)


async def note_colleagues(tx: Transaction, event: CallEvent) -> None:
    """One telephone has called another, and they talk: who, whom, once each, though the event may come twice.

    Nothing else is kept of such a call.
    """
    if not isinstance(event, ColleagueCalled | ColleagueAnswered):
        return
    action = COLLEAGUE if isinstance(event, ColleagueCalled) else COLLEAGUE_TALKS
    if any(entry.action == action for entry in await audit.newest(tx, limit=2, call_id=event.call_id)):
        return
    detail = f"{event.extension} {event.called_extension}"
    await _add(tx, event, event.agent_id or event.extension, action, BY_DIALLING, detail)


async def _add(tx: Transaction, event: CallEvent, agent_id: str, action: str, source: str, detail: str) -> None:
    """agent_id: as the telephone's, where no user has it."""
    user = await users.on_line(tx, agent_id)
    entry = AuditEntry(
        at_ms=event.at_ms,
        user_id=user.id if user is not None else agent_id[:32],
        action=action,
        source=source,
        call_id=event.call_id,
        detail=detail,
    )
    await audit.add(tx, entry)
