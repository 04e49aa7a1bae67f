"""The streams that keep what was said on the stored topics, and how long each is kept."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import nats.errors
import structlog
from nats.js import JetStreamContext, api
from nats.js.errors import APIError, NotFoundError

from bus.settings import BusSettings
from domain.errors import BusError
from domain.topic import Message, Topic
from domain.topics import (
    ACD_LOG,
    ACD_SNAPSHOT,
    AGENT_STATE,
    CALL_ASSIST,
    CALL_EVENT,
    CALL_INSPECTION,
    CALL_LANGUAGE,
    CALL_SPEECH,
    CALL_TRANSCRIPT,
    HOT_WORDS,
    JOB_INSPECT,
    JOB_TRANSCRIBE,
    PHONE_STATE,
)

logger = structlog.get_logger()
SECONDS_PER_DAY = 86400.0
_ALWAYS_DAYS = 36500.0


@dataclass(frozen=True)
class StreamSpec:
    """One stream. last_only: keeps the last of each subject; work_queue: keeps a message until someone did it."""

    name: str
    subjects: tuple[str, ...]
    days: Callable[[BusSettings], float]
    last_only: bool = False
    work_queue: bool = False


STREAMS = (
    StreamSpec("CALLS", (CALL_EVENT.pattern,), lambda settings: settings.call_days),
    StreamSpec("SPEECH", (CALL_SPEECH.pattern,), lambda settings: settings.call_days),
    StreamSpec("LANGUAGES", (CALL_LANGUAGE.pattern,), lambda settings: settings.call_days),
    StreamSpec("ASSIST", (CALL_ASSIST.pattern,), lambda settings: settings.call_days),
    StreamSpec("INSPECTIONS", (CALL_INSPECTION.pattern,), lambda settings: settings.call_days),
    StreamSpec("TRANSCRIPTS", (CALL_TRANSCRIPT.pattern,), lambda settings: settings.call_days),
    StreamSpec("AGENTS", (AGENT_STATE.pattern,), lambda settings: settings.agent_days, last_only=True),
    StreamSpec("PHONES", (PHONE_STATE.pattern,), lambda settings: settings.agent_days, last_only=True),
    StreamSpec("ACD", (ACD_LOG.pattern,), lambda settings: settings.acd_days),
    StreamSpec("ACD_SNAPSHOT", (ACD_SNAPSHOT.pattern,), lambda settings: settings.acd_days, last_only=True),
    StreamSpec("HOT_WORDS", (HOT_WORDS.pattern,), lambda settings: _ALWAYS_DAYS, last_only=True),
    StreamSpec(
        "JOBS", (JOB_INSPECT.pattern, JOB_TRANSCRIBE.pattern), lambda settings: settings.job_days, work_queue=True
    ),
)


def stream_of(topic: Topic[Message]) -> StreamSpec:
    """The stream that keeps `topic`; BusError for a topic that is only said, never kept."""
    for spec in STREAMS:
        if topic.pattern in spec.subjects:
            return spec
    raise BusError("no stream keeps this topic", where=topic.pattern, remedy="use the Bus, or add it to bus.streams")


def _config(spec: StreamSpec, settings: BusSettings) -> api.StreamConfig:
    age_s = spec.days(settings) * SECONDS_PER_DAY
    return api.StreamConfig(
        name=spec.name,
        subjects=list(spec.subjects),
        retention=api.RetentionPolicy.WORK_QUEUE if spec.work_queue else api.RetentionPolicy.LIMITS,
        max_age=age_s,
        max_msgs_per_subject=1 if spec.last_only else -1,
        storage=api.StorageType.FILE,
        num_replicas=settings.replicas,
        duplicate_window=min(settings.dedupe_hours * 3600.0, age_s),
        discard=api.DiscardPolicy.OLD,
        allow_direct=True,
    )


def _same(present: api.StreamConfig, wanted: api.StreamConfig) -> bool:
    names = ("subjects", "max_age", "max_msgs_per_subject", "num_replicas", "duplicate_window")
    return all(getattr(present, name) == getattr(wanted, name) for name in names)


async def ensure_streams(jetstream: JetStreamContext, settings: BusSettings) -> None:
    """Create what is missing and change what the settings changed; harmless to repeat, by several roles at once.

    BusError names the stream that NATS refused.
    """
    for spec in STREAMS:
        wanted = _config(spec, settings)
        try:
            try:
                info = await jetstream.stream_info(spec.name)
            except NotFoundError:
                with contextlib.suppress(APIError):  # another role was faster; the look below tells a true refusal
                    await jetstream.add_stream(wanted)
                    logger.info("stream created", stream=spec.name)
                info = await jetstream.stream_info(spec.name)
            if not _same(info.config, wanted):
                await jetstream.update_stream(wanted)
                logger.info("stream changed", stream=spec.name)
        except nats.errors.Error as error:
            raise BusError(
                f"NATS refused the stream ({error})",
                where=f"stream {spec.name}",
                remedy="see the [bus] section and the log of nats-server; is JetStream on, and the disk not full?",
            ) from error
