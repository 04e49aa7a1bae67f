"""The queue's rules as hotline.toml, the calendar and the lists of numbers set them; checked at start."""

from collections.abc import Iterator
from pathlib import Path

from domain.acd_rules import DEFAULT_QUEUE, AcdRules, Line, OpenHours, Overflow, QueueRules
from domain.errors import ConfigError
from hotline.config import Settings
from telephony.acd.holiday_file import BUILT_IN, read_holidays
from telephony.acd.queue_settings import LineEntry, QueueEntry, QueueSettings, minutes_of
from telephony.sip.conf import load_sip_conf

_HOUR_MS = 3_600_000


def rules_of(settings: Settings) -> AcdRules:
    """ConfigError names the entry and what to do, or the file and line of a list."""
    queue = settings.queue
    queues = {entry.name: _queue_rules(entry) for entry in queue.queues}
    _check_names(queue, queues)
    return AcdRules(
        ring_timeout_ms=_ms(queue.ring_timeout_s),
        wrap_up_limit_ms=_ms(queue.wrap_up_limit_s),
        announce_every_ms=_ms(queue.announce_every_s),
        lost_after_ms=_ms(queue.lost_after_s),
        ageing_ms=_ms(queue.ageing_s),
        repeat_priority=queue.repeat_priority,
        redial_ms=_ms(queue.redial_within_s),
        callback_after_ms=_ms(queue.callback_after_s) if queue.callback and _dials_out(settings) else None,
        callback_tries=queue.callback_tries,
        callback_retry_ms=_ms(queue.callback_retry_s),
        callback_dial_ms=_ms(settings.telephony.citizen_ring_s),
        callback_hours=_hours(queue.callback_hours, queue.callback_hours),
        queues=queues,
        lines=tuple(_line(entry) for entry in queue.lines),
        days=read_holidays(queue.calendar or BUILT_IN),
        languages=dict(queue.languages),
        utc_offset_ms=round(settings.service_level.utc_offset_hours * _HOUR_MS),
    )


def _dials_out(settings: Settings) -> bool:
    """Whether a trunk takes calls from us; a queue that runs where no sip.conf is believes its configuration."""
    file = settings.service.sip_conf
    if not file.exists():
        return not settings.service.demo
    return any(trunk.outward is not None for trunk in load_sip_conf(file).trunks)


def known_queues(settings: QueueSettings) -> frozenset[str]:
    """The names that a flow may let callers wait in."""
    return frozenset({DEFAULT_QUEUE, *(entry.name for entry in settings.queues)})


def _queue_rules(entry: QueueEntry) -> QueueRules:
    steps = tuple(Overflow(after_ms=_ms(step.after_s), to=step.to) for step in entry.overflow)
    return QueueRules(
        skill=entry.skill,
        level=entry.level,
        priority=entry.priority,
        strategy=entry.strategy,
        overflow=tuple(sorted(steps, key=lambda step: step.after_ms)),
        max_wait_ms=_ms(entry.max_wait_s),
        hours=_hours(entry.open_workdays, entry.open_restdays),
        closed_to=entry.closed_to,
        wrap_up_limit_ms=None if entry.wrap_up_limit_s is None else _ms(entry.wrap_up_limit_s),
        callback=entry.callback,
    )


def _line(entry: LineEntry) -> Line:
    listed = _numbers_in(entry.callers_file) if entry.callers_file is not None else ()
    return Line(
        name=entry.name,
        called=entry.called,
        callers=(*entry.callers, *listed),
        priority=entry.priority,
        emergency=entry.emergency,
        queue=entry.queue,
    )


def _numbers_in(file: Path) -> tuple[str, ...]:
    """One number a line, `#` begins a remark."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the list of numbers ({error})", where=str(file)) from error
    return tuple(_numbers(text, file))


def _numbers(text: str, file: Path) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        if not content.removesuffix("*").removeprefix("+").isdigit():
            remedy = "write one number a line, or the beginning of one such as 138*"
            raise ConfigError(f"'{content}' is no telephone number", where=f"{file}:{number}", remedy=remedy)
        yield content


def _check_names(settings: QueueSettings, queues: dict[str, QueueRules]) -> None:
    if len(queues) < len(settings.queues):
        names = [entry.name for entry in settings.queues]
        twice = next(name for name in names if names.count(name) > 1)
        raise ConfigError(f"the queue '{twice}' stands twice", where="queue.queues", remedy="keep one of the two")
    known = known_queues(settings)
    for place, name in _named(settings):
        if name and name not in known:
            raise ConfigError(
                f"there is no queue '{name}'", where=place, remedy=f"known queues: {', '.join(sorted(known))}"
            )
    for entry in settings.queues:
        _check_redirections(entry.name, queues)
    for language, name in settings.languages.items():
        if not (name in queues and queues[name].overflow):
            raise ConfigError(
                f"the queue '{name}' has no overflow",
                where=f"queue.languages '{language}'",
                remedy='give it one, such as overflow = [{after_s = 30, to = ""}]: nobody must wait in vain',
            )


def _named(settings: QueueSettings) -> Iterator[tuple[str, str]]:
    for entry in settings.queues:
        yield f"queue.queues '{entry.name}': closed_to", entry.closed_to
        for step in entry.overflow:
            yield f"queue.queues '{entry.name}': overflow", step.to
    for language, queue in settings.languages.items():
        yield f"queue.languages '{language}'", queue
    for line in settings.lines:
        yield f"queue.lines '{line.name}': queue", line.queue


def _check_redirections(name: str, queues: dict[str, QueueRules]) -> None:
    seen = [name]
    while (known := queues.get(seen[-1])) is not None and known.closed_to:
        if known.closed_to in seen:
            raise ConfigError(
                f"closed_to leads from '{name}' back to '{known.closed_to}'",
                where=f"queue.queues '{name}'",
                remedy="let the last one lead nowhere: its callers are told that it is closed",
            )
        seen.append(known.closed_to)


def _hours(workdays: str, restdays: str) -> OpenHours:
    return OpenHours(workdays=minutes_of(workdays), restdays=minutes_of(restdays))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
