"""Errors in the one form that the API has: {"error": {"code", "message", "remedy"}}."""

from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from domain.errors import BusError, HotlineError, NoResponderError, StorageError

logger = structlog.get_logger()

_CODES = {
    400: "invalid",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}


class ApiError(HotlineError):
    """An answer other than 200. more: further members of the error object; headers: of the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        remedy: str = "",
        more: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message, where=code, remedy=remedy)
        self.status = status
        self.code = code
        self.more = more or {}
        self.headers = headers or {}


class JsonResponse(Response):
    """Any value that msgspec can encode: frozen structs and plain values alike."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return msgspec.json.encode(content)


def error_response(error: ApiError) -> Response:
    body = {"error": {"code": error.code, "message": error.what, "remedy": error.remedy, **error.more}}
    return JsonResponse(body, status_code=error.status, headers=error.headers)


def install(app: FastAPI) -> None:
    """Whatever is raised, the answer has the documented form, and never a stack trace."""

    @app.exception_handler(ApiError)
    async def known(_request: Request, error: ApiError) -> Response:
        return error_response(error)

    @app.exception_handler(HotlineError)
    async def hotline(request: Request, error: HotlineError) -> Response:
        logger.warning("request failed", path=request.url.path, reason=error.what, where=error.where)
        return error_response(_explain(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        wrong = [
            {"field": _printable(".".join(str(part) for part in each["loc"][1:])), "message": _printable(each["msg"])}
            for each in error.errors()
        ]
        first = wrong[0] if wrong else {"field": "", "message": "not understood"}
        message = f"{first['field'] or 'the body'}: {first['message']}"
        remedy = "mend the request as the message says"
        return error_response(ApiError(422, "invalid", message, remedy=remedy, more={"fields": wrong}))

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> Response:
        code = _CODES.get(error.status_code, "http_error")
        headers = dict(error.headers) if error.headers else {}
        return error_response(ApiError(error.status_code, code, str(error.detail), headers=headers))

    @app.exception_handler(Exception)
    async def unknown(request: Request, error: Exception) -> Response:
        logger.error("request failed unexpectedly", path=request.url.path, exc_info=error)
        return error_response(ApiError(500, "internal", "an unexpected fault", remedy="tell whoever runs the hotline"))


def _printable(text: str) -> str:
    """Without the halves of characters that JSON can carry and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def _explain(error: HotlineError) -> ApiError:
    if isinstance(error, NoResponderError):
        remedy = "try again in a moment; if it stays so, see whether all roles run"
        return ApiError(503, "role_away", "the part of the hotline that does this is not there", remedy=remedy)
    if isinstance(error, BusError):
        remedy = "try again in a moment"
        return ApiError(503, "no_answer", "the part of the hotline that does this did not answer", remedy=remedy)
    if isinstance(error, StorageError):
        return ApiError(503, "storage", "the database did not take or give it", remedy=error.remedy)
    return ApiError(500, "fault", error.what, remedy=error.remedy)
