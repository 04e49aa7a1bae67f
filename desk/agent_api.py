"""The agent's own page: /api/desk, /api/agent/command, /api/numbers, /api/knowledge."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from desk.api_error import ApiError, JsonResponse
from desk.call_record import offer_of
from desk.desk import Desk, SignedIn, TheDesk
from desk.gate import may_see
from desk.views import CallView, DeskView, read_call
from domain.agent import AgentCommand, AgentOffer, AgentState, AgentStatus, SetReady, SignIn, SignOut, TakeBreak
from domain.errors import NoResponderError
from domain.knowledge import SearchKnowledge
from domain.topics import AGENT_COMMAND, KNOWLEDGE_SEARCH
from domain.web_phone import agent_of
from storage import agents, calls
from storage.calls import CallRow
from storage.users import User, UserRole

router = APIRouter(prefix="/api")

_AFTER_CALL = (AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP)


class CommandBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    command: Literal["sign_in", "set_ready", "take_break", "sign_out"]
    extension: Annotated[str, Field(max_length=32, pattern=r"^[A-Za-z0-9_.-]*$")] | None = None
    reason: Annotated[str, Field(max_length=100)] | None = None


@router.get("/desk")
async def show(session: SignedIn, desk: TheDesk) -> Response:
    user = session.user
    extensions = set(await desk.switchboard.extensions())
    async with desk.services.database.read() as tx:
        status = await agents.find(tx, user.agent_id) if user.agent_id else None
        everyone = [] if user.role is UserRole.AGENT else await agents.all_agents(tx)
    view = DeskView(
        agent=status,
        call=await _call_now(desk, user, status),
        offer=await _offer_now(desk, user, status),
        numbers=desk.board.numbers(),
        queue=desk.switchboard.queue,
        extensions=sorted({each for each in extensions if not agent_of(each)} | ({user.extension} - {""})),
        hotline_name=desk.services.settings.hotline_name,
        agents=everyone,
    )
    return JsonResponse(view)


async def _call_now(desk: Desk, user: User, status: AgentStatus | None) -> CallView | None:
    """The call that rings, is talked in, or is being written up."""
    if not user.agent_id:
        return None
    async with desk.services.database.read() as tx:
        row = await calls.of_agent_now(tx, user.agent_id)
        if row is None and status is not None and status.call_id and status.state in _AFTER_CALL:
            row = await calls.find(tx, status.call_id)
    if row is None or not (may_see(user, row) or _is_in(status, row)):
        return None
    async with desk.projection.call_lock(row.call_id), desk.services.database.read() as tx:
        return await read_call(tx, row)


def _is_in(status: AgentStatus | None, row: CallRow) -> bool:
    """The queue says that they are rung for it or talk in it, though the call's own event has not come yet."""
    in_call = status is not None and status.state in (AgentState.RINGING, AgentState.TALKING)
    return status is not None and in_call and status.call_id == row.call_id


async def _offer_now(desk: Desk, user: User, status: AgentStatus | None) -> AgentOffer | None:
    """The offer as it was said; by a desk that was started since, as the ringing call's own events tell it."""
    if not user.agent_id:
        return None
    said = desk.switchboard.offer_to(user.agent_id)
    if said is not None or status is None or status.state is not AgentState.RINGING or not status.call_id:
        return said
    async with desk.services.database.read() as tx:
        events = await calls.events(tx, status.call_id)
    return offer_of(events, status)


@router.post("/agent/command")
async def command(body: CommandBody, request: Request, session: SignedIn, desk: TheDesk) -> Response:
    user = session.user
    if not user.agent_id:
        raise ApiError(403, "not_an_agent", "this user takes no calls", remedy="sign in as an agent")
    timeout_s = desk.services.settings.command_timeout_s
    try:
        reply = await desk.services.bus.request(
            AGENT_COMMAND, (user.agent_id,), _command(body, user), timeout_s=timeout_s
        )
    except NoResponderError as error:
        remedy = "try again in a few seconds; callers keep their places"
        raise ApiError(503, "queue_away", "the queue is not there at this moment", remedy=remedy) from error
    await desk.audit.write(request, user.id, "agent_command", detail=body.command)
    return JsonResponse(reply)


def _command(body: CommandBody, user: User) -> AgentCommand:
    match body.command:
        case "sign_in":
            extension = body.extension or user.extension
            if not extension:
                raise ApiError(422, "no_extension", "no telephone was named", remedy="choose an extension")
            if agent_of(extension) not in ("", user.agent_id):
                remedy = "choose your own browser, or a desk phone"
                raise ApiError(403, "foreign_phone", "that is another agent's browser", remedy=remedy)
            return SignIn(name=user.display_name, extension=extension, skills=user.skills, auto_answer=user.auto_answer)
        case "set_ready":
            return SetReady()
        case "take_break":
            return TakeBreak(reason=body.reason or "")
        case "sign_out":
            return SignOut()


@router.get("/numbers")
async def numbers(_session: SignedIn, desk: TheDesk) -> Response:
    return JsonResponse(desk.board.numbers())


@router.get("/knowledge")
async def knowledge(
    _session: SignedIn,
    desk: TheDesk,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> Response:
    if not q.strip():
        return JsonResponse({"suggestions": []})
    search = SearchKnowledge(query=q, limit=limit)
    timeout_s = desk.services.settings.command_timeout_s
    try:
        return JsonResponse(await desk.services.bus.request(KNOWLEDGE_SEARCH, (), search, timeout_s=timeout_s))
    except NoResponderError as error:
        remedy = "try again in a few seconds"
        raise ApiError(503, "assist_away", "the assistant is not there at this moment", remedy=remedy) from error
