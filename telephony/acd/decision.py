"""The queue (ACD) without I/O: who waits, who is free, who gets whom.

`decide(state, event)` gives the next state and the actions; the event carries the time, and the rules stand in the
state. The same events give the same states, so the log of events is all that a restart needs.

Calls: waiting → ringing (one offer) → talking, or gone. The next call is the one of lowest rank: emergencies, then by
the time in the queue, of which each level of priority is worth some minutes; it keeps that place whatever becomes of
its offers. The next agent is one who serves the call's queue, or one whom its overflow brings in: the one who has been
idle longest, is least occupied or most skilled. An agent is in one state:

    签出 signed out ──sign in──► 小休 break ──set ready──► 空闲 ready ──offer──► 振铃 ringing ──answer──► 通话 talking
    talking ──end──► 话后 wrap-up ──set ready, or its time──► ready        ready, wrap-up ──take break──► break
    ringing ──no answer, rejected, unreachable──► break        ringing ──caller gone, switch refused──► ready

A break that is asked for while talking begins after the call. An agent whose phone is not registered cannot be ready.
The switch's word that two people talk is the truth, whatever the queue believed; other offers of that call or to that
agent are cancelled. A call whose switch does not answer is not offered, is asked for again and again, and is dropped
after a while. A caller who wants to be called back hangs up and waits on in the same place; when it is their turn the
agent's telephone rings, and then theirs.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from domain.acd_event import (
    AcdEvent,
    AgentBecameReady,
    AgentEngaged,
    AgentForced,
    AgentReleased,
    AgentSignedIn,
    AgentSignedOut,
    AgentTookBreak,
    CallbackDialled,
    CallbackWanted,
    CallEntered,
    CallLeft,
    CallTaken,
    ColleaguesEngaged,
    LanguageNoted,
    OfferClosed,
    OfferRefused,
    OfferRinging,
    PhoneSeen,
    RulesSet,
    SnapshotTaken,
    SwitchAnswered,
    SwitchSilent,
    TimePassed,
)
from telephony.acd import agents as acd_agents
from telephony.acd import calls as acd_calls
from telephony.acd import engaged as acd_engaged
from telephony.acd import language as acd_language
from telephony.acd import time as acd_time
from telephony.acd.actions import AcdAction
from telephony.acd.draft import AcdDraft
from telephony.acd.match import assign
from telephony.acd.places import settle
from telephony.acd.state import AcdState, restored, snapshot_parts


def decide(state: AcdState, event: AcdEvent) -> tuple[AcdState, list[AcdAction]]:
    """The state after `event`, and what to do about it. An event that was seen already changes nothing."""
    if isinstance(event, SnapshotTaken):
        return restored(event.state, state, event.part), []
    if state.was_seen(event.event_id):
        return state, []
    if isinstance(event, RulesSet):
        state = _with_rules(state, event)
    draft = AcdDraft(state, event.at_ms)
    _HANDLERS[type(event)](draft, event)
    assign(draft)
    settle(draft)
    return draft.finish(event.event_id)


def _with_rules(state: AcdState, event: RulesSet) -> AcdState:
    """The same facts, in the orders of these rules."""
    facts = msgspec.structs.replace(snapshot_parts(state)[0], rules=event.rules)
    return msgspec.structs.replace(restored(facts, state, 0), hours=state.hours)


def _rules_set(draft: AcdDraft, _event: RulesSet) -> None:
    """Whoever waits and whoever is free may fit now."""
    draft.fresh_calls.update(call.call_id for call in draft.calls.values() if call.offerable)
    draft.fresh_agents.update(agent_id for _, agent_id in draft.free)
    draft.places_changed = True


_HANDLERS: dict[type[Any], Callable[[AcdDraft, Any], None]] = {
    CallEntered: acd_calls.call_entered,
    CallLeft: acd_calls.call_left,
    CallTaken: acd_calls.call_taken,
    LanguageNoted: acd_language.language_noted,
    CallbackWanted: acd_calls.callback_wanted,
    CallbackDialled: acd_calls.callback_dialled,
    AgentEngaged: acd_engaged.agent_engaged,
    AgentReleased: acd_engaged.agent_released,
    ColleaguesEngaged: acd_engaged.colleagues_engaged,
    OfferRinging: acd_calls.offer_ringing,
    OfferClosed: acd_calls.offer_closed,
    OfferRefused: acd_calls.offer_refused,
    SwitchSilent: acd_calls.switch_silent,
    SwitchAnswered: acd_calls.switch_answered,
    AgentSignedIn: acd_agents.agent_signed_in,
    AgentBecameReady: acd_agents.agent_became_ready,
    AgentTookBreak: acd_agents.agent_took_break,
    AgentSignedOut: acd_agents.agent_signed_out,
    AgentForced: acd_agents.agent_forced,
    PhoneSeen: acd_agents.phone_seen,
    TimePassed: acd_time.time_passed,
    RulesSet: _rules_set,
}
