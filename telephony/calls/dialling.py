"""What a telephone of ours means by dialling. Pure.

With a call up it consults: somebody of the directory, a colleague, or a number outside. Without one it calls a
colleague's telephone, whoever sits at either; or it is an outgoing call as by a click, to outside: the directory's
short codes and every other number; that needs an agent who is signed in at that telephone and has no call. The
hotline's number is a call to the hotline, as a citizen's is.
"""

import re

import msgspec

from domain.agent import AgentState
from domain.call import DialBecause
from domain.command import DialOut
from domain.target import Target, TargetKind
from telephony.calls.seats import Seats
from telephony.ports import InboundCall
from telephony.sip.admission import EXTENSION

NUMBER = re.compile(r"\+?[0-9*#]{2,32}|sips?:[^\s<>\"]{3,128}")
"""What may be dialled: digits, or a sip: URI."""
_BUSY = (AgentState.RINGING, AgentState.TALKING)


class DialRefused(msgspec.Struct, frozen=True):
    """The SIP status and reason that the telephone is told."""

    status: int
    reason: str


class CallColleague(msgspec.Struct, frozen=True):
    """The telephone of a colleague."""

    target: Target


def meant_by(
    call: InboundCall, seats: Seats, hotline_number: str, *, has_call: bool
) -> DialOut | Target | CallColleague | DialRefused | None:
    """An outgoing call, whom to consult, a colleague, or a refusal; None: a call to the hotline.

    has_call: that telephone is an agent's in a call of this switch.
    """
    if call.trunk != EXTENSION or call.called_number == hotline_number:
        return None
    target = seats.target(call.called_number)
    if has_call:
        return _reachable(target)
    agent = seats.agent_at(call.caller_number)
    if agent is not None and agent.state in _BUSY:
        return DialRefused(403, "The Agent Has Another Call")
    if target is not None and target.kind is TargetKind.AGENT:
        return _colleague(call.caller_number, target, seats)
    if agent is None:
        return DialRefused(403, "No Agent Is Signed In Here")
    whom = _reachable(target)
    if isinstance(whom, DialRefused):
        return whom
    return DialOut(agent_id=agent.agent_id, extension=agent.extension, number=whom.value, because=DialBecause.PHONE)


def _colleague(caller_extension: str, target: Target, seats: Seats) -> CallColleague | DialRefused:
    """One on a break may be rung, and a telephone at which nobody is signed in; a busy one is told as such."""
    other = seats.agent_at(target.value)
    if target.value == caller_extension or (other is not None and other.state in _BUSY):
        return DialRefused(486, "Busy Here")
    return CallColleague(target)


def _reachable(target: Target | None) -> Target | DialRefused:
    """Whoever has a telephone that can be rung."""
    if target is not None and target.kind is TargetKind.QUEUE:
        return DialRefused(403, "A Queue Can Only Be Transferred To")
    if target is None or not NUMBER.fullmatch(target.value):
        return DialRefused(404, "No Such Number")
    return target
