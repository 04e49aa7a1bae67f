"""Sign in and out: /api/session."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from desk import metrics
from desk.api_error import ApiError, JsonResponse
from desk.desk import Desk, SignedIn, TheDesk
from desk.gate import COOKIE, source_of
from storage import users
from storage.users import User

router = APIRouter(prefix="/api/session")


class SignInBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    username: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
    password: Annotated[str, Field(min_length=1, max_length=256)]


def user_body(user: User) -> dict[str, object]:
    return {
        "user": {
            "id": user.id,
            "username": user.username,
            "display_name": user.display_name,
            "role": user.role.value,
            "agent_id": user.agent_id,
            "extension": user.extension,
        }
    }


@router.post("")
async def sign_in(body: SignInBody, request: Request, desk: TheDesk) -> Response:
    await desk.gate.require_admin_exists()
    username = users.fold_username(body.username)
    _refuse_too_many(desk, username, source_of(request))
    async with desk.services.database.read() as tx:
        credential = await users.credential(tx, username)
    known = credential if credential and not credential.user.disabled else None
    right = await desk.passwords.verify(known.password_hash if known else None, body.password)
    if known is None or not right:
        desk.login_limit.failed(username, source_of(request), desk.services.now_ms())
        metrics.SIGN_INS.labels("refused").inc()
        await desk.audit.write(request, known.user.id if known else "", "sign_in_refused")
        raise ApiError(401, "wrong_credentials", "user name or password is wrong", remedy="try again, or ask an admin")
    # Tries that ran beside this one may have used up the allowance meanwhile.
    _refuse_too_many(desk, username, source_of(request))
    desk.login_limit.succeeded(username)
    metrics.SIGN_INS.labels("accepted").inc()
    response = JsonResponse(user_body(known.user))
    await desk.gate.open(known.user, response, secure=request.url.scheme == "https")
    await desk.audit.write(request, known.user.id, "sign_in")
    return response


@router.get("")
async def show(request: Request, desk: TheDesk) -> Response:
    await desk.gate.require_admin_exists()
    session = await desk.gate.session(request)
    return JsonResponse(user_body(session.user))


@router.delete("")
async def sign_out(request: Request, session: SignedIn, desk: TheDesk) -> Response:
    await desk.gate.close(session.token_hash)
    for viewer in desk.hub.viewers:
        if viewer.token_hash == session.token_hash:
            viewer.outbox.close()
    await desk.audit.write(request, session.user.id, "sign_out")
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


def _refuse_too_many(desk: Desk, username: str, source: str) -> None:
    wait_ms = desk.login_limit.wait_ms(username, source, desk.services.now_ms())
    if wait_ms == 0:
        return
    metrics.SIGN_INS.labels("limited").inc()
    seconds = -(-wait_ms // 1000)
    raise ApiError(
        429,
        "too_many_tries",
        "too many failed sign-ins",
        remedy=f"wait {seconds} s, then try again",
        more={"retry_after_s": seconds},
        headers={"Retry-After": str(seconds)},
    )
