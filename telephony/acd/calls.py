"""What the events of calls and offers do to the queue."""

from domain.acd import Offer, QueuedCall
from domain.acd_event import (
    CallbackDialled,
    CallbackWanted,
    CallEntered,
    CallLeft,
    CallTaken,
    OfferClosed,
    OfferRefused,
    OfferRinging,
    SwitchAnswered,
    SwitchSilent,
)
from domain.agent import AgentState
from domain.target import OfferOutcome
from telephony.acd.actions import DropCall
from telephony.acd.arrival import drop_call, enter
from telephony.acd.draft import AcdDraft, replace
from telephony.acd.engaged import release
from telephony.acd.hours import opens_at_ms
from telephony.acd.moves import PHONE_GONE, end_offer, move

_FAULTS = {
    OfferOutcome.NO_ANSWER: "no answer",
    OfferOutcome.REJECTED: "rejected the call",
    OfferOutcome.UNREACHABLE: PHONE_GONE,
}
"""Outcomes after which the agent takes no more calls until they say so, and the reason that they see."""


def call_entered(draft: AcdDraft, event: CallEntered) -> None:
    if event.call_id in draft.calls:
        return
    parties = draft.parties(event.call_id)
    if parties and not event.transferred:
        return
    for agent in parties:
        release(draft, agent, "transferred the call")
    enter(draft, event)


def call_left(draft: AcdDraft, event: CallLeft) -> None:
    offer = draft.offers.get(draft.dials.get(event.call_id, ""))
    if offer is not None:
        _callback_failed(draft, offer)
    call = draft.calls.get(event.call_id)
    if call is not None and call.callback_number and not call.away_because:
        _await_callback(draft, call)
    else:
        drop_call(draft, event.call_id, event.reason)
    for agent in draft.parties(event.call_id):
        release(draft, agent, event.reason)


def call_taken(draft: AcdDraft, event: CallTaken) -> None:
    call = draft.remove_call(_waiting_id(draft, event))
    queue = call.queue if call is not None else ""
    if call is not None and call.offer_id:
        if call.offer_id == event.offer_id:
            draft.remove_offer(call.offer_id)
        else:
            end_offer(draft, call.offer_id, "the call was taken by another", stop_ringing=True)
    agent = draft.agents.get(event.agent_id)
    if agent is None or (agent.state is AgentState.TALKING and agent.call_id == event.call_id):
        return
    if agent.offer_id and agent.offer_id != event.offer_id:
        end_offer(draft, agent.offer_id, "the agent talks already", stop_ringing=True)
        agent = draft.agents[event.agent_id]
    taken = replace(agent, call_id=event.call_id, offer_id="", queue=queue, with_colleague=False)
    move(draft, taken, AgentState.TALKING, "")


def _waiting_id(draft: AcdDraft, event: CallTaken) -> str:
    """The call that waits: this one, or the one for whose sake the citizen was called back."""
    asked_by, _, _ = event.offer_id.rpartition("-")  # an offer's id begins with that of its call
    asked = draft.calls.get(asked_by)
    return asked_by if asked is not None and asked.hung_up else event.call_id


# -- offers ------------------------------------------------------------------------------------------------------------


def offer_ringing(draft: AcdDraft, event: OfferRinging) -> None:
    offer = draft.offers.get(event.offer_id)
    if offer is not None and not offer.ringing:
        draft.set_offer(replace(offer, ringing=True))


def offer_closed(draft: AcdDraft, event: OfferClosed) -> None:
    offer = draft.offers.get(event.offer_id)
    if offer is None:
        return  # given up already
    if event.outcome is OfferOutcome.ANSWERED:
        if offer.callback_number:  # the citizen's telephone rings from now on
            expires_at_ms = event.at_ms + draft.rules.callback_dial_ms
            draft.set_offer(replace(offer, answered=True, expires_at_ms=expires_at_ms))
        return  # CallTaken follows
    fault = _FAULTS.get(event.outcome, "")
    end_offer(draft, event.offer_id, fault or "the offer was cancelled", agent_break=fault)


def offer_refused(draft: AcdDraft, event: OfferRefused) -> None:
    offer = draft.offers.get(event.offer_id)
    if offer is None:
        return
    end_offer(draft, event.offer_id, f"the switch refused: {event.reason}", stop_ringing=not offer.callback_number)
    if offer.callback_number:
        not_called_back(draft, offer.call_id)


# -- calling back ------------------------------------------------------------------------------------------------------


def callback_wanted(draft: AcdDraft, event: CallbackWanted) -> None:
    """From now on nobody is rung while the caller still listens."""
    call = draft.calls.get(event.call_id)
    if call is None or not event.number or call.callback_number:
        return
    if call.offer_id:
        end_offer(draft, call.offer_id, "the caller wants to be called back", stop_ringing=True)
        call = draft.calls[event.call_id]
    draft.set_call(replace(call, callback_number=event.number, say_at_ms=0, limit_at_ms=0))


def callback_dialled(draft: AcdDraft, event: CallbackDialled) -> None:
    offer = draft.offers.get(event.offer_id)
    if offer is not None:
        draft.set_offer(replace(offer, dialled=event.call_id))


def _await_callback(draft: AcdDraft, call: QueuedCall) -> None:
    """The caller has hung up and keeps the place; they are called when it is their turn and the time of day allows."""
    opens_ms = opens_at_ms(draft.rules.callback_hours, draft.rules, draft.now_ms)
    retry_at_ms = opens_ms if opens_ms > draft.now_ms else call.retry_at_ms
    draft.set_call(replace(call, hung_up=True, retry_at_ms=retry_at_ms, silent_since_ms=0, probe_at_ms=0, say_at_ms=0))


def _callback_failed(draft: AcdDraft, offer: Offer) -> None:
    """The call that was to reach the citizen is over: the agent is free."""
    end_offer(draft, offer.offer_id, "the citizen did not answer")
    if offer.answered:
        not_called_back(draft, offer.call_id)


def not_called_back(draft: AcdDraft, call_id: str) -> None:
    """One try less; the next one is some minutes later."""
    call = draft.calls.get(call_id)
    if call is None:
        return
    tries = call.tries + 1
    if tries >= draft.rules.callback_tries:
        draft.remove_call(call_id)
        why = f"not reached by call-back, {tries} tries"
        draft.actions.append(DropCall(call_id=call_id, reason=why))
        return
    later_ms = draft.now_ms + draft.rules.callback_retry_ms
    retry_at_ms = opens_at_ms(draft.rules.callback_hours, draft.rules, later_ms)
    draft.set_call(replace(call, tries=tries, retry_at_ms=retry_at_ms))


# -- switches ----------------------------------------------------------------------------------------------------------


def switch_silent(draft: AcdDraft, event: SwitchSilent) -> None:
    call = draft.calls.get(event.call_id)
    if call is None or call.hung_up:
        return
    since_ms = call.silent_since_ms or event.at_ms
    if event.at_ms - since_ms >= draft.rules.lost_after_ms:
        if call.callback_number:
            _await_callback(draft, call)
        else:
            drop_call(draft, event.call_id, "its switch is gone")
        return
    if call.offer_id:
        end_offer(draft, call.offer_id, "the switch does not answer")
    probe_at_ms = event.at_ms + draft.rules.probe_every_ms
    silent = replace(
        draft.calls[event.call_id], silent_since_ms=since_ms, probe_at_ms=probe_at_ms, announced=-1, say_at_ms=0
    )
    draft.set_call(silent)
    draft.places_changed = True


def switch_answered(draft: AcdDraft, event: SwitchAnswered) -> None:
    call = draft.calls.get(event.call_id)
    if call is not None and call.silent_since_ms:
        draft.set_call(replace(call, silent_since_ms=0, probe_at_ms=0))
        draft.places_changed = True
