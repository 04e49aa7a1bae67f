"""What an agent and a team leader do with a call: /api/calls/{id}/…, /api/dial, /api/directory.

The switch decides what is possible now; its answer, a refusal too, is handed on as it is.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from desk.api_error import ApiError, JsonResponse
from desk.by_telephone import DIAL, dial_detail
from desk.desk import Desk, SignedIn, TheDesk
from desk.hand_over import ACTION, audit_detail, location_of
from domain.agent import AgentState, AgentStatus
from domain.call import EndedBy
from domain.command import CallCommand, CallOrder, CommandReply, DialOut, HangUp, OrderCall, PassCall, Supervise
from domain.errors import NoResponderError
from domain.talk import Passing, Supervision
from domain.target import Target, TargetKind
from domain.topics import CALL_COMMAND, SWITCH_COMMAND
from storage import agents
from storage.calls import CallStatus
from storage.users import User, UserRole

router = APIRouter(prefix="/api")

_MAY_SUPERVISE = (UserRole.LEADER, UserRole.ADMIN)
_BUSY = (AgentState.RINGING, AgentState.TALKING)
Number = Annotated[str, Field(pattern=r"^\+?[0-9]{2,32}$")]


class OrderBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    order: CallOrder


class PassBody(BaseModel):
    """to: an agent's id, a queue's name, or the digits of a number; a directory entry's number stands as it is."""

    model_config = ConfigDict(extra="forbid")

    how: Literal[Passing.TRANSFER, Passing.CONSULT, Passing.INVITE]
    kind: TargetKind
    to: Annotated[str, Field(min_length=1, max_length=128)]


class HandOverBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Literal["110", "119", "120"]


class SuperviseBody(BaseModel):
    """extension: the leader's telephone, where it is not the one of their account."""

    model_config = ConfigDict(extra="forbid")

    how: Supervision
    extension: Annotated[str, Field(max_length=32, pattern=r"^[A-Za-z0-9_.-]*$")] = ""


class DialBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: Number


@router.post("/calls/{call_id}/hang-up")
async def hang_up(call_id: str, request: Request, session: SignedIn, desk: TheDesk) -> Response:
    row = await desk.editable_call(request, session, call_id)
    if row.status is CallStatus.ENDED:
        return JsonResponse(_OVER)
    await desk.audit.write(request, session.user.id, "hang_up", call_id=call_id)
    by = EndedBy.AGENT if session.user.role is UserRole.AGENT else EndedBy.SYSTEM
    return await _ask_call(desk, call_id, HangUp(by=by.value, cause="hung up on the desk"))


@router.post("/calls/{call_id}/order")
async def order(call_id: str, body: OrderBody, request: Request, session: SignedIn, desk: TheDesk) -> Response:
    """Hold, resume, mute, unmute, swap, complete, cancel, conference."""
    await desk.editable_call(request, session, call_id)
    await desk.audit.write(request, session.user.id, "call_order", call_id=call_id, detail=body.order.value)
    return await _ask_call(desk, call_id, OrderCall(order=body.order, agent_id=session.user.line_id))


@router.post("/calls/{call_id}/pass")
async def pass_on(call_id: str, body: PassBody, request: Request, session: SignedIn, desk: TheDesk) -> Response:
    """Give the call away, ask somebody, or bring them in."""
    await desk.editable_call(request, session, call_id)
    target = await _target(desk, body)
    if isinstance(target, CommandReply):
        return JsonResponse(target)
    detail = f"{body.how.value} {target.kind.value} {target.value}"
    await desk.audit.write(request, session.user.id, "pass_call", call_id=call_id, detail=detail)
    return await _ask_call(desk, call_id, PassCall(how=body.how, target=target, agent_id=session.user.line_id))


@router.post("/calls/{call_id}/hand-over")
async def hand_over(call_id: str, body: HandOverBody, request: Request, session: SignedIn, desk: TheDesk) -> Response:
    """Bring 110, 119 or 120 in at once. The draft's location is written down, and shown by the page."""
    await desk.editable_call(request, session, call_id)
    entry = desk.services.directory.emergency(body.code)
    if entry is None:
        raise ApiError(404, "no_such_number", f"the directory has no {body.code}", remedy="add it to the directory")
    async with desk.services.database.read() as tx:
        location = await location_of(tx, call_id)
    detail = audit_detail(body.code, location)
    await desk.audit.write(request, session.user.id, ACTION, call_id=call_id, detail=detail)
    command = PassCall(how=Passing.HAND_OVER, target=entry.target, agent_id=session.user.line_id, location=location)
    return await _ask_call(desk, call_id, command)


@router.post("/calls/{call_id}/supervise")
async def supervise(call_id: str, body: SuperviseBody, request: Request, session: SignedIn, desk: TheDesk) -> Response:
    """Listen, whisper, barge in, take over, leave; for team leaders and administrators."""
    user = session.user
    if user.role not in _MAY_SUPERVISE:
        raise ApiError(403, "forbidden", "only a team leader or an administrator may do this")
    await desk.editable_call(request, session, call_id)
    extension = body.extension or user.extension
    if not extension and body.how is not Supervision.END:
        raise ApiError(422, "no_extension", "no telephone was named", remedy="choose the telephone that you sit at")
    await desk.audit.write(request, user.id, "supervise", call_id=call_id, detail=body.how.value)
    return await _ask_call(desk, call_id, Supervise(how=body.how, leader_id=user.line_id, extension=extension))


@router.post("/dial")
async def dial(body: DialBody, request: Request, session: SignedIn, desk: TheDesk) -> Response:
    """Call a citizen with the hotline's number: the agent's telephone rings first."""
    user = session.user
    status = await _status(desk, user)
    if status.state in _BUSY:
        return JsonResponse(CommandReply(accepted=False, reason=f"the agent is {status.state}", code="agent_busy"))
    await desk.audit.write(request, user.id, DIAL, detail=dial_detail(body.number))
    command = DialOut(agent_id=status.agent_id, extension=status.extension, number=body.number)
    timeout_s = desk.services.settings.command_timeout_s
    try:
        return JsonResponse(await desk.services.bus.request(SWITCH_COMMAND, (), command, timeout_s=timeout_s))
    except NoResponderError as error:
        remedy = "try again in a moment"
        raise ApiError(503, "switch_away", "no switch is there at this moment", remedy=remedy) from error


@router.get("/directory")
async def directory(_session: SignedIn, desk: TheDesk, q: Annotated[str, Query(max_length=50)] = "") -> Response:
    """Whom a call can be passed to: the directory's entries, and the agents who are signed in."""
    async with desk.services.database.read() as tx:
        everyone = await agents.all_agents(tx)
    words = q.casefold().split()
    there = [
        each
        for each in everyone
        if each.state is not AgentState.SIGNED_OUT
        and all(word in f"{each.name} {each.agent_id} {each.extension}".casefold() for word in words)
    ]
    return JsonResponse({"entries": desk.services.directory.search(q), "agents": there})


_OVER = CommandReply(accepted=False, reason="the call is over", code="call_over")


async def _ask_call(desk: Desk, call_id: str, command: CallCommand) -> Response:
    timeout_s = desk.services.settings.command_timeout_s
    try:
        return JsonResponse(await desk.services.bus.request(CALL_COMMAND, (call_id,), command, timeout_s=timeout_s))
    except NoResponderError as error:
        remedy = "the call may be over already; hang up the telephone"
        raise ApiError(503, "switch_away", "no switch holds this call at this moment", remedy=remedy) from error


async def _target(desk: Desk, body: PassBody) -> Target | CommandReply:
    """Whom the page means; a reply that refuses when it is an agent who cannot be reached now."""
    if body.kind is TargetKind.AGENT:
        async with desk.services.database.read() as tx:
            status = await agents.find(tx, body.to)
        if status is None or status.state is AgentState.SIGNED_OUT:
            return CommandReply(accepted=False, reason=f"agent {body.to} is not signed in", code="agent_away")
        if status.state in _BUSY:
            return CommandReply(accepted=False, reason=f"agent {body.to} is {status.state}", code="agent_busy")
        return Target(kind=body.kind, value=status.extension, agent_id=status.agent_id, name=status.name)
    entry = next((each for each in desk.services.directory.entries if each.number == body.to), None)
    if entry is not None and entry.target.kind is body.kind:
        return entry.target
    if body.kind is TargetKind.NUMBER and body.to.lstrip("+").isdigit():
        return Target(kind=body.kind, value=body.to)
    raise ApiError(422, "no_number", f"'{body.to}' cannot be called", remedy="choose from the directory, or dial")


async def _status(desk: Desk, user: User) -> AgentStatus:
    if not user.agent_id:
        raise ApiError(403, "not_an_agent", "this user takes no calls", remedy="sign in as an agent")
    async with desk.services.database.read() as tx:
        status = await agents.find(tx, user.agent_id)
    if status is None or status.state is AgentState.SIGNED_OUT:
        raise ApiError(409, "not_signed_in", "the agent is at no telephone", remedy="sign in at a telephone first")
    return status
