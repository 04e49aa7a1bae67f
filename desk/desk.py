"""The desk's parts, put together once for each process; routes get it as a dependency."""

import re
from typing import Annotated, cast

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from desk.api_error import ApiError
from desk.gate import AuditBook, Gate, may_see
from desk.live import LiveHub
from desk.login_limit import LoginLimit
from desk.numbers_board import NumbersBoard
from desk.password import PasswordCheck
from desk.projection import Projection
from desk.services import DeskServices
from desk.switchboard import Switchboard
from storage import calls
from storage.calls import CallRow
from storage.sessions import Session
from storage.users import UserRole

_CALL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Desk:
    """Everything that the routes need."""

    def __init__(self, services: DeskServices) -> None:
        self.services = services
        self.gate = Gate(services)
        self.audit = AuditBook(services)
        self.login_limit = LoginLimit()
        self.passwords = PasswordCheck()
        self.hub = LiveHub(services.settings.full_numbers_for)
        self.board = NumbersBoard(services)
        self.projection = Projection(services, self.hub, self.board)
        self.switchboard = Switchboard(services, self.hub, self.board, self.projection, self.gate)

    async def visible_call(self, request: Request, session: Session, call_id: str) -> CallRow:
        """The call, when the user may see it; a try at another's is written down and answered as if there were none."""
        row = None
        if _CALL_ID.fullmatch(call_id):
            async with self.services.database.read() as tx:
                row = await calls.find(tx, call_id)
        if row is not None and may_see(session.user, row):
            return row
        if row is not None:
            await self.audit.write(request, session.user.id, "denied_call", call_id=call_id)
        raise ApiError(404, "no_such_call", "there is no such call, or it is not yours")

    async def editable_call(self, request: Request, session: Session, call_id: str) -> CallRow:
        """As `visible_call`, and the user may also change it: QA only looks."""
        if session.user.role is UserRole.QA:
            raise ApiError(403, "forbidden", "quality inspection looks at calls and does not change them")
        return await self.visible_call(request, session, call_id)


def desk_of(connection: HTTPConnection) -> Desk:
    return cast(Desk, connection.app.state.desk)


async def current_session(request: Request) -> Session:
    return await desk_of(request).gate.session(request)


async def current_desk(request: Request) -> Desk:
    return desk_of(request)


TheDesk = Annotated[Desk, Depends(current_desk)]
SignedIn = Annotated[Session, Depends(current_session)]
