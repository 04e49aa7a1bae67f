"""Who may come in: the session's cookie, the request's origin, the user's role."""

import secrets
from urllib.parse import urlsplit

from fastapi import Request
from starlette.requests import HTTPConnection
from starlette.responses import Response

from desk.api_error import ApiError
from desk.services import DeskServices
from storage import audit, sessions, users
from storage.audit import AuditEntry
from storage.calls import CallRow
from storage.database import Transaction
from storage.sessions import Session
from storage.users import User, UserRole

COOKIE = "hotline_session"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_EXTEND_AFTER_MS = 60_000
_PLAY_ONCE_MS = 10 * 60 * 1000
_HOUR_MS = 3600 * 1000


class Gate:
    """Sessions of the desk. Only a hash of each token is stored."""

    def __init__(self, services: DeskServices) -> None:
        self._services = services
        self._has_admin = False

    @property
    def _lifetime_ms(self) -> int:
        return int(self._services.settings.session_hours * _HOUR_MS)

    async def require_admin_exists(self) -> None:
        """503 until somebody has made the first administrator: nobody is let in by default."""
        if self._has_admin:
            return
        async with self._services.database.read() as tx:
            self._has_admin = await users.has_admin(tx)
        if not self._has_admin:
            remedy = "on the server run: hotline users add admin --role admin"
            raise ApiError(503, "no_users", "nobody may sign in yet: there is no administrator", remedy=remedy)

    async def open(self, user: User, response: Response, *, secure: bool) -> None:
        """Sign in: a new token goes into the cookie."""
        token = secrets.token_urlsafe(32)
        now_ms = self._services.now_ms()
        async with self._services.database.write() as tx:
            await sessions.open_session(tx, token, user.id, now_ms=now_ms, expires_at_ms=now_ms + self._lifetime_ms)
        response.set_cookie(
            COOKIE,
            token,
            max_age=self._lifetime_ms // 1000,
            path="/",
            httponly=True,
            samesite="strict",
            secure=secure or self._services.settings.secure_cookie,
        )

    async def session(self, connection: HTTPConnection) -> Session:
        """The session of a request or WebSocket, kept alive by its use; 401 when there is none."""
        token = connection.cookies.get(COOKIE, "")
        found = await self.find(sessions.hash_token(token)) if token else None
        if found is None:
            raise ApiError(401, "not_signed_in", "nobody is signed in here", remedy="sign in")
        now_ms = self._services.now_ms()
        if found.expires_at_ms - now_ms < self._lifetime_ms - _EXTEND_AFTER_MS:
            async with self._services.database.write() as tx:
                await sessions.extend(tx, found.token_hash, now_ms + self._lifetime_ms)
        return found

    async def find(self, token_hash: str) -> Session | None:
        async with self._services.database.read() as tx:
            return await sessions.find(tx, token_hash, self._services.now_ms())

    async def close(self, token_hash: str) -> None:
        async with self._services.database.write() as tx:
            await sessions.close_session(tx, token_hash)


class AuditBook:
    """Writes the audit trail. A deed that cannot be written down does not happen: StorageError goes on up."""

    def __init__(self, services: DeskServices) -> None:
        self._services = services
        self._played: dict[tuple[str, str], int] = {}

    async def write(
        self, connection: HTTPConnection, user_id: str, action: str, *, call_id: str = "", detail: str = ""
    ) -> None:
        async with self._services.database.write() as tx:
            await self.add(tx, connection, user_id, action, call_id=call_id, detail=detail)

    async def add(
        self,
        tx: Transaction,
        connection: HTTPConnection,
        user_id: str,
        action: str,
        *,
        call_id: str = "",
        detail: str = "",
    ) -> None:
        """In the transaction of the deed itself: both happen, or neither."""
        entry = AuditEntry(
            at_ms=self._services.now_ms(),
            user_id=user_id,
            action=action,
            source=source_of(connection),
            call_id=call_id,
            detail=detail,
        )
        await audit.add(tx, entry)

    async def write_playing(self, connection: HTTPConnection, session: Session, call_id: str) -> None:
        """Once for each listening, though a browser fetches a recording in many pieces."""
        now_ms = self._services.now_ms()
        key = (session.token_hash, call_id)
        if now_ms - self._played.get(key, -_PLAY_ONCE_MS) < _PLAY_ONCE_MS:
            return
        await self.write(connection, session.user.id, "play_recording", call_id=call_id)
        self._played = {key: at for key, at in self._played.items() if now_ms - at < _PLAY_ONCE_MS}
        self._played[key] = now_ms


def source_of(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def may_see(user: User, row: CallRow) -> bool:
    """An agent sees the calls that they ring, talk or talked in; leaders, QA and admins all."""
    own = bool(user.agent_id) and (row.agent_id == user.agent_id or user.agent_id in row.agents)
    return user.role is not UserRole.AGENT or own


def check_origin(connection: HTTPConnection, *, safe: bool) -> None:
    """Refuse what another site makes a browser send (CSRF). A program that is no browser sends no Origin."""
    if safe:
        return
    headers = connection.headers
    origin = headers.get("origin")
    if origin is not None:
        foreign = urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    else:
        foreign = headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
    if foreign:
        raise ApiError(403, "foreign_origin", "another site sent this request", remedy="use the hotline's own pages")


async def same_origin(request: Request) -> None:
    """Dependency of every API route."""
    check_origin(request, safe=request.method in _SAFE_METHODS)
