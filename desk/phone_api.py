"""The browser as a telephone: /api/phone. The desk vouches to the switch that the page is the agent's.

How the telephone stands comes on /api/live as `phone {phone: WebPhoneView}`.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from desk.api_error import ApiError, JsonResponse
from desk.desk import SignedIn, TheDesk
from domain.errors import NoResponderError
from domain.ids import new_id
from domain.topics import WEB_PHONE_COMMAND, WEB_PHONE_CONNECT
from domain.web_phone import (
    ConnectWebPhone,
    EndCall,
    LeavePhone,
    RefuseCall,
    StayAlive,
    TakeCall,
    WebPhoneCommand,
    WebPhoneReply,
)
from storage.sessions import Session

router = APIRouter(prefix="/api/phone")


class ConnectBody(BaseModel):
    """offer: the browser's SDP with all its candidates."""

    model_config = ConfigDict(extra="forbid")

    offer: Annotated[str, Field(min_length=1, max_length=20_000)]


class CommandBody(BaseModel):
    """number: of the call, as the telephone's view has it."""

    model_config = ConfigDict(extra="forbid")

    connection_id: Annotated[str, Field(pattern=r"^[a-z0-9]{20}$")]
    command: Literal["stay_alive", "take_call", "refuse_call", "end_call", "leave_phone"]
    number: Annotated[int, Field(ge=0)] = 0


@router.post("/connect")
async def connect(body: ConnectBody, request: Request, session: SignedIn, desk: TheDesk) -> Response:
    agent_id = _agent_id(session)
    services = desk.services
    connection_id = new_id(services.now_ms())
    ask = ConnectWebPhone(agent_id=agent_id, connection_id=connection_id, offer=body.offer)
    try:
        reply = await services.bus.request(WEB_PHONE_CONNECT, (), ask, timeout_s=services.settings.command_timeout_s)
    except NoResponderError as error:
        remedy = "the page tries again by itself"
        raise ApiError(503, "switch_away", "the switch is not there at this moment", remedy=remedy) from error
    if not reply.accepted:
        raise ApiError(422, reply.code, reply.reason)
    await desk.audit.write(request, session.user.id, "web_phone_connect")
    return JsonResponse({"connection_id": connection_id, "answer": reply.answer, "phone": reply.view})


@router.post("/command")
async def command(body: CommandBody, session: SignedIn, desk: TheDesk) -> Response:
    """A connection that its switch no longer knows is answered with the code `no_connection`: connect anew."""
    keys = (_agent_id(session), body.connection_id)
    timeout_s = desk.services.settings.command_timeout_s
    try:
        reply = await desk.services.bus.request(WEB_PHONE_COMMAND, keys, _command(body), timeout_s=timeout_s)
    except NoResponderError:
        reply = WebPhoneReply(accepted=False, code="no_connection", reason="no switch knows this connection")
    return JsonResponse({"accepted": reply.accepted, "code": reply.code, "reason": reply.reason, "phone": reply.view})


def _agent_id(session: Session) -> str:
    if not session.user.agent_id:
        raise ApiError(403, "not_an_agent", "this user takes no calls", remedy="sign in as an agent")
    return session.user.agent_id


def _command(body: CommandBody) -> WebPhoneCommand:
    match body.command:
        case "stay_alive":
            return StayAlive()
        case "take_call":
            return TakeCall(number=body.number)
        case "refuse_call":
            return RefuseCall(number=body.number)
        case "end_call":
            return EndCall(number=body.number)
        case "leave_phone":
            return LeavePhone()
