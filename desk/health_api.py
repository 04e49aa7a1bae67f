"""For machines: /metrics (Prometheus) and /healthz, both without login; the API's description for admins."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import Response

from desk.api_error import ApiError, JsonResponse
from desk.desk import SignedIn, TheDesk
from domain.errors import StorageError
from service_level.numbers import Numbers
from storage.users import UserRole

router = APIRouter()


@router.get("/metrics", include_in_schema=False)
async def metrics(desk: TheDesk) -> Response:
    registry = CollectorRegistry()
    registry.register(_NumbersCollector(desk.board.numbers()))
    body = generate_latest(REGISTRY) + generate_latest(registry)
    return Response(body, media_type=CONTENT_TYPE_LATEST)


@router.get("/healthz", include_in_schema=False)
async def healthz(desk: TheDesk) -> Response:
    """200 while the database answers."""
    try:
        await desk.gate.find("")
    except StorageError:
        return JsonResponse({"status": "database_away"}, status_code=503)
    return JsonResponse({"status": "ok"})


@router.get("/api/openapi.json", include_in_schema=False)
async def describe(request: Request, session: SignedIn) -> Response:
    if session.user.role is not UserRole.ADMIN:
        raise ApiError(403, "forbidden", "only admins may read this")
    return JsonResponse(request.app.openapi())


class _NumbersCollector(Collector):
    """The numbers of the day as gauges; what was not counted yet is absent."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def collect(self) -> list[GaugeMetricFamily]:
        numbers = self._numbers
        within = GaugeMetricFamily(
            "hotline_service_level_within_15s_ratio", "Answered by a person in time, today, by clock", labels=["clock"]
        )
        for clock in ("ring", "menu_end", "queue"):
            rate = getattr(numbers.within_15s, clock)
            if rate is not None:
                within.add_metric([clock], rate)
        gauges: list[tuple[str, str, float | None]] = [
            ("offered_calls", "Calls offered to people today", numbers.offered),
            ("answered_calls", "Calls answered by a person today", numbers.answered),
            ("abandoned_calls", "Callers who hung up waiting today", numbers.abandoned),
            ("connect_ratio_24h", "Connect rate of the last 24 hours", numbers.connect_rate),
            ("average_speed_of_answer_ms", "Mean wait of answered calls today", numbers.average_speed_of_answer_ms),
            ("longest_wait_ms", "Longest wait today", numbers.longest_wait_ms),
            ("after_call_work_ms", "Mean after-call work today", numbers.after_call_work_ms),
        ]
        return [within] + [
            GaugeMetricFamily(f"hotline_service_level_{name}", words, value=value)
            for name, words, value in gauges
            if value is not None
        ]
