"""Logs: static messages with fields, one line each, personal fields masked."""

import logging
import sys

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from domain.privacy import mask_number, mask_text

PII_PREFIX = "pii_"


def mask_personal_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask the value of each field named pii_…; runs last, so nothing can add one behind it."""
    for key, value in event.items():
        if key.startswith(PII_PREFIX):
            text = str(value)
            event[key] = mask_number(text) if text.isdigit() else mask_text(text)
    return event


def configure_logs(role_id: str, *, form: str, level: str) -> FilteringBoundLogger:
    """Send our logs and the libraries' to stderr. form: console (for people) or json (for collectors)."""

    def name_the_role(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        # Not a context variable: callbacks from other threads begin with an empty context.
        event.setdefault("role", role_id)
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        name_the_role,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if form == "json" else "%H:%M:%S"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.ExceptionRenderer(),
        mask_personal_fields,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=[*_foreign(), renderer], foreign_pre_chain=shared)
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


def _foreign() -> list[Processor]:
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
