"""When the queue must think again although nothing happens."""

from collections.abc import Iterator

from domain.acd import AcdState
from telephony.acd_draft import AcdRules
from telephony.acd_places import in_order


def next_deadline(state: AcdState, rules: AcdRules) -> int | None:
    """The time (Unix, ms) at which a TimePassed changes something; None while nothing waits for the clock."""
    return min(_deadlines(state, rules), default=None)


def _deadlines(state: AcdState, rules: AcdRules) -> Iterator[int]:
    for offer in state.offers.values():
        yield offer.expires_at_ms + rules.ring_grace_ms
    for phone in state.phones.values():
        if phone.registered:
            yield phone.expires_at_ms + rules.phone_grace_ms
    for agent in state.agents.values():
        if agent.wrap_up_ends_ms:
            yield agent.wrap_up_ends_ms
    before: dict[str, int] = {}
    for call in in_order(state.calls.values()):
        place = before.get(call.queue, 0)
        before[call.queue] = place + 1
        if call.retry_at_ms:
            yield call.retry_at_ms
        if call.probe_at_ms:
            yield call.probe_at_ms
        if not call.offer_id and not call.silent_since_ms and call.announced != place:
            yield call.announced_at_ms + rules.announce_every_ms
