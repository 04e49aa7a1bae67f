"""A caller comes to the queue: which queue, with what priority, at whose place; and what is kept of one who leaves."""

from collections.abc import Iterable
from hashlib import blake2b

from immutables import Map

from domain.acd import Departed, QueuedCall
from domain.acd_event import CallEntered
from domain.acd_rules import Line, QueueRules
from domain.command import TurnAwayBecause
from telephony.acd.actions import DropCall, SendAway
from telephony.acd.draft import AcdDraft, replace
from telephony.acd.hours import is_open
from telephony.acd.moves import end_offer

_HOUR_MS = 3_600_000
_REMEMBERED_HOURS = 24
_MOST_REDIRECTIONS = 5
_AWAY_AGAIN_MS = 15_000
"""Longer than the sentence that the caller hears before the end."""
_NO_LINE = Line(name="")


def enter(draft: AcdDraft, event: CallEntered) -> None:
    """The call waits, at its place."""
    number = event.caller_number if any(character.isdigit() for character in event.caller_number) else ""
    line = next((line for line in draft.rules.lines if _is_on(line, event)), _NO_LINE)
    queue = _open_queue(draft, line.queue or event.queue) if not line.emergency else line.queue or event.queue
    rules = draft.rules.of(queue or event.queue)
    call = QueuedCall(
        call_id=event.call_id,
        queue=queue or event.queue,
        priority=event.priority + line.priority + rules.priority,
        arrival=draft.arrivals,
        entered_at_ms=event.entered_at_ms,
        caller_number=number,
        line=line.name,
        emergency=line.emergency,
        repeat=not event.transferred and _repeats(draft, number),
        limit_at_ms=event.entered_at_ms + rules.max_wait_ms if rules.max_wait_ms else 0,
    )
    draft.arrivals += 1
    if not event.transferred:
        call = _at_old_place(draft, call)
    draft.set_call(with_reach(draft, call, rules))
    if not queue:
        send_away(draft, draft.calls[event.call_id], TurnAwayBecause.CLOSED, "the queue is closed")


def send_away(draft: AcdDraft, call: QueuedCall, because: TurnAwayBecause, reason: str) -> None:
    """Nobody will be rung for the call any more; the switch ends it, and is asked again if it does not."""
    again_at_ms = draft.now_ms + _AWAY_AGAIN_MS
    draft.set_call(replace(call, away_because=because.value, limit_at_ms=again_at_ms, overflow_at_ms=0, say_at_ms=0))
    draft.actions.append(SendAway(call_id=call.call_id, because=because, reason=reason))


def drop_call(draft: AcdDraft, call_id: str, reason: str) -> None:
    """The call waits no longer; its ringing offer is cancelled, and its place is kept for a redial."""
    call = draft.remove_call(call_id)
    if call is None:
        return
    if call.offer_id:
        end_offer(draft, call.offer_id, reason, stop_ringing=True)
    draft.actions.append(DropCall(call_id=call_id, reason=reason))
    if not call.hung_up:
        _keep_place(draft, call)


def open_step(draft: AcdDraft, call: QueuedCall) -> None:
    """The next step of the call's overflow is open from now on."""
    steps = draft.rules.of(call.queue).overflow
    reach = min(call.reach + 1, len(steps))
    next_ms = call.entered_at_ms + steps[reach].after_ms if reach < len(steps) else 0
    draft.set_call(replace(call, reach=reach, overflow_at_ms=next_ms))


def digest_of(number: str) -> str:
    """What is remembered of a number for a day: enough to know it again."""
    return blake2b(number.encode(), digest_size=6).hexdigest()


def _is_on(line: Line, event: CallEntered) -> bool:
    return _matches(line.called, event.called_number) or _matches(line.callers, event.caller_number)


def _matches(patterns: Iterable[str], number: str) -> bool:
    return bool(number) and any(
        number.startswith(pattern[:-1]) if pattern.endswith("*") else number == pattern for pattern in patterns
    )


def _open_queue(draft: AcdDraft, queue: str) -> str:
    """This queue, or the one that stands in for it now; "" when all are closed."""
    for _ in range(_MOST_REDIRECTIONS):
        rules = draft.rules.of(queue)
        if is_open(rules.hours, draft.rules, draft.now_ms):
            return queue
        if not rules.closed_to:
            return ""
        queue = rules.closed_to
    return ""


def _repeats(draft: AcdDraft, number: str) -> bool:
    """Whether this number was in the queue within a day (of whole hours); it is noted for the next time.

    Two calls at the same time are no repetition.
    """
    if not number:
        return False
    digest = digest_of(number)
    hour = draft.now_ms // _HOUR_MS
    kept = {heard: callers for heard, callers in draft.hours if heard >= hour - _REMEMBERED_HOURS}
    repeats = any(digest in callers for callers in kept.values())
    kept[hour] = kept.get(hour, Map()).set(digest, True)
    draft.hours = tuple(sorted(kept.items(), key=lambda item: item[0]))
    return repeats and not draft.waiting_from(number)


def _at_old_place(draft: AcdDraft, call: QueuedCall) -> QueuedCall:
    """With the place that this caller left a moment ago, or that a call of theirs holds which is lost or over."""
    gone = draft.remove_departed(call.caller_number)
    if gone is not None and gone.queue == call.queue:
        return replace(call, place_ms=gone.place_ms, arrival=gone.arrival, repeat=gone.repeat)
    for other in draft.waiting_from(call.caller_number):
        if other.silent_since_ms or other.hung_up:
            draft.remove_call(other.call_id)
            if other.offer_id:
                end_offer(draft, other.offer_id, "the caller called again", stop_ringing=True)
            draft.actions.append(DropCall(call_id=other.call_id, reason="the caller called again"))
            return replace(call, place_ms=other.since_ms, arrival=other.arrival, repeat=other.repeat)
    return call


def with_reach(draft: AcdDraft, call: QueuedCall, rules: QueueRules) -> QueuedCall:
    """When the call's overflow opens; its first step at once when nobody who serves its queue has signed in."""
    if not rules.overflow:
        return call
    reach = 1 if draft.staff.get(call.queue, 1) == 0 else 0
    if reach >= len(rules.overflow):
        return replace(call, reach=reach)
    return replace(call, reach=reach, overflow_at_ms=call.entered_at_ms + rules.overflow[reach].after_ms)


def _keep_place(draft: AcdDraft, call: QueuedCall) -> None:
    """For another waiting call of theirs, else for a redial."""
    for other in draft.waiting_from(call.caller_number):
        if other.queue == call.queue and other.since_ms > call.since_ms:
            draft.set_call(replace(other, place_ms=call.since_ms, arrival=call.arrival, repeat=call.repeat))
            return
    if call.caller_number and draft.rules.redial_ms:
        draft.set_departed(
            Departed(
                number=call.caller_number,
                queue=call.queue,
                place_ms=call.since_ms,
                arrival=call.arrival,
                forget_at_ms=draft.now_ms + draft.rules.redial_ms,
                repeat=call.repeat,
            )
        )
