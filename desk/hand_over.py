"""110, 119 or 120 brought into a call: where the ticket says it happened, and what the audit trail says of it."""

from domain.ticket import FieldName
from storage import tickets
from storage.database import Transaction

ACTION = "hand_over"


async def location_of(tx: Transaction, call_id: str) -> str:
    """The place as the agent has edited it, else as the draft has it; "" where it is not known."""
    ticket = await tickets.read(tx, call_id)
    return ticket.fields[FieldName.LOCATION].value


def audit_detail(code: str, location: str) -> str:
    """What the audit trail says of a hand-over, however it was asked for."""
    return f"{code} {location}".strip()
