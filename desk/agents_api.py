"""What a team leader does about agents: /api/agents/{agent_id}/state."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from desk.api_error import ApiError, JsonResponse
from desk.desk import SignedIn, TheDesk
from domain.agent import ForceState
from domain.errors import NoResponderError
from domain.topics import AGENT_COMMAND
from storage.users import UserRole

router = APIRouter(prefix="/api/agents")

_MAY_FORCE = (UserRole.LEADER, UserRole.ADMIN)


class StateBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal["ready", "break", "signed_out"]
    reason: Annotated[str, Field(max_length=100)] = ""


@router.post("/{agent_id}/state")
async def force_state(
    agent_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,32}$")],
    body: StateBody,
    request: Request,
    session: SignedIn,
    desk: TheDesk,
) -> Response:
    """Put an agent into a state; audited. The agent reads the leader's name and words."""
    user = session.user
    if user.role not in _MAY_FORCE:
        raise ApiError(403, "forbidden", "only a team leader or an administrator may do this")
    order = ForceState(state=body.state, by=user.display_name, reason=body.reason)
    await desk.audit.write(request, user.id, "force_state", detail=f"{agent_id} {body.state}")
    timeout_s = desk.services.settings.command_timeout_s
    try:
        reply = await desk.services.bus.request(AGENT_COMMAND, (agent_id,), order, timeout_s=timeout_s)
    except NoResponderError as error:
        remedy = "try again in a few seconds; callers keep their places"
        raise ApiError(503, "queue_away", "the queue is not there at this moment", remedy=remedy) from error
    return JsonResponse(reply)
