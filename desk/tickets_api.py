"""The agent's ticket: edit it, submit it."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from desk.api_error import ApiError, JsonResponse
from desk.desk import Desk, SignedIn, TheDesk
from desk.live import CallAudience
from desk.ticket_rules import missing_fields, wrong_value
from domain.ticket import FieldName
from storage import tickets
from storage.calls import CallRow
from storage.tickets import Ticket, TicketStatus

router = APIRouter(prefix="/api/calls/{call_id}/ticket")


class EditBody(BaseModel):
    """fields: a value that is null gives the field back to the draft. version: of the ticket that was edited."""

    model_config = ConfigDict(extra="forbid")

    fields: Annotated[dict[FieldName, str | None], Field(min_length=1)]
    version: Annotated[int, Field(ge=0, le=2**31 - 1)]


@router.patch("")
async def edit(call_id: str, body: EditBody, request: Request, session: SignedIn, desk: TheDesk) -> Response:
    row = await desk.editable_call(request, session, call_id)
    changes = {name: value.strip() if value is not None else None for name, value in body.fields.items()}
    for name, value in changes.items():
        if value is not None and (wrong := wrong_value(name, value)):
            raise ApiError(422, "invalid", wrong, remedy="mend the field", more={"fields": [name.value]})
    async with desk.services.database.write() as tx:
        ticket = await tickets.lock(tx, call_id)
        _refuse_submitted(ticket)
        if ticket.version != body.version:
            raise ApiError(
                409,
                "ticket_changed",
                "somebody else has changed the ticket",
                remedy="look at it as it is now, then edit again",
                more={"ticket": ticket},
            )
        now_ms = desk.services.now_ms()
        ticket = await tickets.edit(tx, call_id, changes, by=session.user.id, now_ms=now_ms)
        names = ", ".join(sorted(changes))
        await desk.audit.add(tx, request, session.user.id, "edit_ticket", call_id=call_id, detail=names)
    return _answer(desk, row, ticket)


@router.post("/submit")
async def submit(call_id: str, request: Request, session: SignedIn, desk: TheDesk) -> Response:
    row = await desk.editable_call(request, session, call_id)
    async with desk.services.database.write() as tx:
        ticket = await tickets.lock(tx, call_id)
        _refuse_submitted(ticket)
        if missing := missing_fields(ticket):
            names = [name.value for name in missing]
            raise ApiError(
                422,
                "missing_fields",
                f"the ticket lacks {', '.join(names)}",
                remedy="fill these in, then submit again",
                more={"fields": names},
            )
        now_ms = desk.services.now_ms()
        day = _day(now_ms, desk.services.service_level.utc_offset_hours)
        prefix = desk.services.settings.ticket_prefix
        ticket = await tickets.submit(tx, call_id, day=day, prefix=prefix, by=session.user.id, now_ms=now_ms)
        number = ticket.number or ""
        await desk.audit.add(tx, request, session.user.id, "submit_ticket", call_id=call_id, detail=number)
    return _answer(desk, row, ticket)


def _refuse_submitted(ticket: Ticket) -> None:
    if ticket.status is TicketStatus.SUBMITTED:
        raise ApiError(
            409,
            "ticket_submitted",
            f"the ticket was submitted as {ticket.number}",
            remedy="a submitted ticket is changed by whoever handles it",
            more={"ticket": ticket},
        )


def _day(now_ms: int, utc_offset_hours: int) -> str:
    return (datetime.fromtimestamp(now_ms / 1000, UTC) + timedelta(hours=utc_offset_hours)).strftime("%Y%m%d")


def _answer(desk: Desk, row: CallRow, ticket: Ticket) -> Response:
    """Other pages that show the call are told, too."""
    desk.hub.ticket(CallAudience(row.call_id, frozenset({row.agent_id}) - {""}), ticket)
    return JsonResponse(ticket)
