"""A submitted ticket by its number, as a citizen reads it out."""

import re

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from desk.api_error import ApiError, JsonResponse
from desk.desk import SignedIn, TheDesk
from desk.gate import may_see
from domain.privacy import mask_text
from domain.ticket import FieldName
from storage import calls, tickets
from storage.tickets import Ticket

router = APIRouter(prefix="/api/tickets")
_NUMBER = re.compile(r"[A-Z]{0,8}20\d{12}")


class FoundTicket(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever answers a follow-up needs; nothing of who called. call_id: "" for whom may not see that call."""

    number: str
    submitted_at_ms: int | None
    appeal_type: str
    title: str
    category: str
    department: str
    urgency: str
    call_id: str


@router.get("/{number}")
async def look_up(number: str, request: Request, session: SignedIn, desk: TheDesk) -> Response:
    """number: with the letters before it or without them: citizens leave them out."""
    wanted = number.upper()
    found = row = None
    if _NUMBER.fullmatch(wanted):
        whole = wanted if wanted[0].isalpha() else desk.services.settings.ticket_prefix + wanted
        async with desk.services.database.read() as tx:
            found = await tickets.find_by_number(tx, whole)
            row = await calls.find(tx, found.call_id) if found else None
    if found is None:
        raise ApiError(404, "no_such_ticket", "no ticket has this number", remedy="ask for the number again")
    await desk.audit.write(request, session.user.id, "look_up_ticket", call_id=found.call_id, detail=found.number or "")
    return JsonResponse(_shown(found, row is not None and may_see(session.user, row)))


def _shown(ticket: Ticket, with_call: bool) -> FoundTicket:
    def value(name: FieldName) -> str:
        return mask_text(ticket.fields[name].value)

    return FoundTicket(
        number=ticket.number or "",
        submitted_at_ms=ticket.submitted_at_ms,
        appeal_type=value(FieldName.APPEAL_TYPE),
        title=value(FieldName.TITLE),
        category=value(FieldName.CATEGORY),
        department=value(FieldName.DEPARTMENT),
        urgency=value(FieldName.URGENCY),
        call_id=ticket.call_id if with_call else "",
    )
