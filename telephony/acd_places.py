"""Places in the queue: who comes first, and who is told their place when."""

from collections.abc import Iterable

from domain.acd import QueuedCall
from telephony.acd_actions import SayPosition
from telephony.acd_draft import AcdDraft, replace


def in_order(calls: Iterable[QueuedCall]) -> list[QueuedCall]:
    """Highest priority first, then first come."""
    return sorted(calls, key=lambda call: (-call.priority, call.arrival))


def announce(draft: AcdDraft) -> None:
    """Tell each waiting caller how many are before them: on entering and when it changes, at most every 20 s.

    A caller whose phone call rings at an agent is told nothing; one whose switch is silent is asked for instead.
    """
    before: dict[str, int] = {}
    for call in in_order(draft.calls.values()):
        place = before.get(call.queue, 0)
        before[call.queue] = place + 1
        if call.offer_id:
            continue
        if call.silent_since_ms:
            if call.probe_at_ms and call.probe_at_ms <= draft.now_ms:
                draft.calls[call.call_id] = replace(call, probe_at_ms=draft.now_ms + draft.rules.probe_every_ms)
                _say(draft, call.call_id, place, "does its switch answer?", probe=True)
        elif call.announced != place and (call.announced < 0 or announce_due_ms(call, draft) <= draft.now_ms):
            draft.calls[call.call_id] = replace(call, announced=place, announced_at_ms=draft.now_ms)
            _say(draft, call.call_id, place, "entered" if call.announced < 0 else "the place changed")


def announce_due_ms(call: QueuedCall, draft: AcdDraft) -> int:
    return call.announced_at_ms + draft.rules.announce_every_ms


def _say(draft: AcdDraft, call_id: str, before: int, reason: str, *, probe: bool = False) -> None:
    draft.actions.append(SayPosition(call_id=call_id, before=before, reason=reason, probe=probe))
