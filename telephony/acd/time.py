"""What the queue does when a deadline comes although nothing happens."""

from domain.acd import QueuedCall
from domain.acd_event import TimePassed
from domain.command import TurnAwayBecause
from telephony.acd.arrival import open_step, send_away
from telephony.acd.calls import not_called_back
from telephony.acd.draft import AcdDraft, replace
from telephony.acd.moves import end_offer, make_free, set_phone
from telephony.acd.state import AcdState

_IN_TURN = ("offer", "phone", "agent", "call", "departed")


def next_deadline(state: AcdState) -> int | None:
    """The time (Unix, ms) at which a TimePassed changes something; None while nothing waits for the clock."""
    first = [agenda[0][0] for agenda in (state.agenda, state.phone_agenda) if agenda]
    return min(first, default=None)


def time_passed(draft: AcdDraft, _event: TimePassed) -> None:
    """Do what is due, offers first."""
    for due_ms, kind, key in sorted(draft.due(), key=lambda due: (_IN_TURN.index(due[1]), due)):
        match kind:
            case "offer":
                _offer_expired(draft, key)
            case "phone":
                phone = draft.phones[key]
                set_phone(draft, replace(phone, registered=False))
            case "agent":
                agent = draft.agents.get(key)
                if agent is not None and agent.wrap_up_ends_ms == due_ms:
                    make_free(draft, agent, "wrap-up time is over", keep_turn=False)
            case "call":
                call = draft.calls.get(key)
                if call is not None:
                    _call_due(draft, call)
            case "departed":
                draft.remove_departed(key)


def _offer_expired(draft: AcdDraft, offer_id: str) -> None:
    offer = draft.offers.get(offer_id)
    if offer is None:
        return
    if offer.answered:
        end_offer(draft, offer_id, "the citizen was not reached in time", stop_ringing=True)
        not_called_back(draft, offer.call_id)
    else:
        end_offer(draft, offer_id, "no answer in time", agent_break="no answer", stop_ringing=True)


def _call_due(draft: AcdDraft, call: QueuedCall) -> None:
    now_ms = draft.now_ms
    draft.places_changed = True  # whoever is to be told or asked for something is found there
    if call.retry_at_ms and call.retry_at_ms <= now_ms:
        draft.set_call(replace(call, retry_at_ms=0))
    while (call := draft.calls[call.call_id]).overflow_at_ms and call.overflow_at_ms <= now_ms:
        open_step(draft, call)
    if call.limit_at_ms and call.limit_at_ms <= now_ms:
        _waited_too_long(draft, call)
    elif call.say_at_ms and call.say_at_ms <= now_ms and (call.offer_id or call.silent_since_ms):
        draft.set_call(replace(call, say_at_ms=0))


def _waited_too_long(draft: AcdDraft, call: QueuedCall) -> None:
    """A phone that rings already may ring on."""
    if call.away_because:
        send_away(draft, call, TurnAwayBecause(call.away_because), "the switch has not ended the call yet")
        return
    offer = draft.offers.get(call.offer_id)
    if offer is not None:
        later_ms = offer.expires_at_ms + draft.rules.ring_grace_ms + draft.rules.retry_ms
        draft.set_call(replace(call, limit_at_ms=max(later_ms, draft.now_ms + 1)))
    elif call.silent_since_ms:
        draft.set_call(replace(call, limit_at_ms=draft.now_ms + draft.rules.probe_every_ms))
    else:
        send_away(draft, call, TurnAwayBecause.TOO_LONG, "waited as long as the queue allows")
