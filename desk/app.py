"""The desk as a web application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI

from desk import (
    agent_api,
    agents_api,
    api_error,
    call_control_api,
    calls_api,
    health_api,
    live_api,
    phone_api,
    recordings_api,
    session_api,
    ticket_lookup_api,
    tickets_api,
)
from desk.desk import Desk
from desk.gate import same_origin
from desk.guard import BodyLimit, Counted, Headed
from desk.services import DeskServices
from desk.site import site_files, site_router


def create_app(services: DeskServices) -> FastAPI:
    """The application. While it runs (its lifespan) it hears the bus."""
    desk = Desk(services)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await desk.switchboard.start()
        try:
            yield
        finally:
            await desk.switchboard.stop()

    # No schema and docs pages in public: /api/openapi.json asks for an admin.
    app = FastAPI(title="hotline desk", openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.desk = desk
    api_error.install(app)
    for module in (
        session_api,
        agent_api,
        agents_api,
        phone_api,
        recordings_api,
        calls_api,
        call_control_api,
        tickets_api,
        ticket_lookup_api,
    ):
        app.include_router(module.router, dependencies=[Depends(same_origin)])
    app.include_router(live_api.router)
    app.include_router(health_api.router)
    app.mount("/assets", site_files(services.settings.pages_dir))
    app.include_router(site_router(services.settings.pages_dir))
    app.add_middleware(BodyLimit, max_bytes=services.settings.max_body_bytes)
    app.add_middleware(Headed)
    app.add_middleware(Counted)
    return app
