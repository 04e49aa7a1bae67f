"""Calls: their list, and one with all that is known of it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from desk import masking
from desk.api_error import ApiError, JsonResponse
from desk.desk import SignedIn, TheDesk
from desk.views import find_call, read_summaries
from storage import calls
from storage.users import UserRole

router = APIRouter(prefix="/api/calls")


@router.get("")
async def list_calls(
    session: SignedIn,
    desk: TheDesk,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    live: bool = False,
) -> Response:
    """Newest first; before: the arrived_at_ms of the last call of the page before. live: those not yet ended."""
    user = session.user
    if user.role is UserRole.AGENT and not user.agent_id:
        return JsonResponse({"calls": []})
    own = user.agent_id if user.role is UserRole.AGENT else ""
    async with desk.services.database.read() as tx:
        rows = await calls.newest(tx, limit=limit, before_ms=before, agent_id=own, live=live)
        summaries = await read_summaries(tx, rows)
    full = desk.services.settings.full_numbers_for
    shown = [
        each if masking.sees_numbers(user, (each.agent_id, *each.agent_ids), full) else masking.mask_summary(each)
        for each in summaries
    ]
    return JsonResponse({"calls": shown})


@router.get("/{call_id}")
async def show(call_id: str, request: Request, session: SignedIn, desk: TheDesk) -> Response:
    row = await desk.visible_call(request, session, call_id)
    async with desk.projection.call_lock(call_id), desk.services.database.read() as tx:
        view = await find_call(tx, call_id)
    if view is None:
        raise ApiError(404, "no_such_call", "there is no such call, or it is not yours")
    await desk.audit.write(request, session.user.id, "view_call", call_id=call_id)
    full = desk.services.settings.full_numbers_for
    return JsonResponse(
        view if masking.sees_numbers(session.user, (row.agent_id, *row.agents), full) else masking.mask_call(view)
    )
