"""110, 119 or 120 brought into a call: where the ticket says it happened, and the audit trail of one by keys."""

from domain.call import CallEvent, EmergencyHandedOver
from domain.ticket import FieldName
from storage import audit, calls, tickets, users
from storage.audit import AuditEntry
from storage.database import Transaction

ACTION = "hand_over"
BY_KEYS = "telephone keys"
"""What the audit trail has as the source of what was asked by a telephone, which has no address of a page."""


async def location_of(tx: Transaction, call_id: str) -> str:
    """The place as the agent has edited it, else as the draft has it; "" where it is not known."""
    ticket = await tickets.read(tx, call_id)
    return ticket.fields[FieldName.LOCATION].value


def audit_detail(code: str, location: str) -> str:
    """What the audit trail says of a hand-over, however it was asked for."""
    return f"{code} {location}".strip()


async def note_keyed(tx: Transaction, event: CallEvent) -> None:
    """Write a hand-over by the telephone's keys into the audit trail, once; the desk's own is there before it happens.

    To be called before the event is kept, in the same transaction.
    """
    if not isinstance(event, EmergencyHandedOver) or not event.keyed or await calls.has_event(tx, event):
        return
    user = await users.on_line(tx, event.agent_id)
    entry = AuditEntry(
        at_ms=event.at_ms,
        user_id=user.id if user is not None else event.agent_id[:32],
        action=ACTION,
        source=BY_KEYS,
        call_id=event.call_id,
        detail=audit_detail(event.target.name or event.target.value, event.location),
    )
    await audit.add(tx, entry)
