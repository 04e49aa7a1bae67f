"""A caller who waits speaks another language: the queue of those who speak it takes them in."""

from domain.acd_event import LanguageNoted
from telephony.acd.arrival import with_reach
from telephony.acd.draft import AcdDraft, replace
from telephony.acd.hours import is_open


def language_noted(draft: AcdDraft, event: LanguageNoted) -> None:
    """The call goes to the language's queue and keeps its place; from there its overflow may bring it back.

    One that waits for a skill already, or whose caller is to be called back, stays. A telephone that rings rings on.
    """
    call = draft.calls.get(event.call_id)
    queue = draft.rules.languages.get(event.language, "")
    if call is None or not queue or queue == call.queue or call.away_because or call.callback_number:
        return
    rules = draft.rules.of(queue)
    if draft.rules.of(call.queue).skill or not is_open(rules.hours, draft.rules, draft.now_ms):
        return
    draft.set_call(with_reach(draft, replace(call, queue=queue, reach=0, overflow_at_ms=0), rules))
    draft.places_changed = True
    if call.offerable:
        draft.fresh_calls.add(call.call_id)
