"""The built pages: files as they are, and the one page for every address that the page itself routes."""

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from desk.api_error import ApiError

_NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>12345</title>
<h1>页面尚未构建</h1><p>服务正在运行，但网页文件还没有生成。请在服务器上运行 <code>make setup</code>，然后刷新本页。</p>
<p lang="en">The service runs, but its pages are not built. Run <code>make setup</code> there, then reload.</p>"""
_NOT_PAGES = ("api", "assets", "metrics", "healthz")


def site_files(static_dir: Path) -> StaticFiles:
    """The hashed files of the build under /assets."""
    return StaticFiles(directory=static_dir / "assets", check_dir=False)


def site_router(static_dir: Path) -> APIRouter:
    """Every other address: a file at the top of the build, or the page."""
    router = APIRouter()

    @router.get("/{path:path}", include_in_schema=False)
    async def page(path: str, request: Request) -> Response:
        if path.partition("/")[0] in _NOT_PAGES:
            raise ApiError(404, "not_found", f"there is nothing at {request.url.path}")
        top_file = static_dir / path
        if path and "/" not in path and not path.startswith(".") and top_file.is_file():
            return FileResponse(top_file)
        index = static_dir / "index.html"
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT, status_code=503)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    return router
