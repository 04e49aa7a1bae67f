"""What the queue and the desk ask of one call, carried out by the part of it that can."""

from collections.abc import Callable

from domain.call import EndedBy
from domain.command import (
    AnnouncePosition,
    CallCommand,
    CancelRing,
    CommandReply,
    HangUp,
    OrderCall,
    PassCall,
    RingAgent,
    Supervise,
    TurnAway,
)
from domain.errors import RefusedError
from telephony.calls.agent_ring import AgentRing
from telephony.calls.conversation import Conversation
from telephony.calls.steering import Steering
from telephony.ports import CallStage


class CallCommands:
    """shut: ends the call politely."""

    def __init__(
        self, steering: Steering, ring: AgentRing, conversation: Conversation, shut: Callable[[EndedBy, str], None]
    ) -> None:
        self._steering = steering
        self._ring = ring
        self._conversation = conversation
        self._shut = shut

    async def take(self, _subject: str, command: CallCommand) -> CommandReply:
        """Accepted, or refused with a code."""
        if self._steering.stage is CallStage.ENDED:
            return CommandReply(accepted=False, reason="the call is over", code="call_over")
        try:
            self._carry_out(command)
        except RefusedError as error:
            return CommandReply(accepted=False, reason=error.what, code=error.code)
        return CommandReply(accepted=True)

    def _carry_out(self, command: CallCommand) -> None:
        match command:
            case RingAgent():
                self._steering.check_waiting()
                self._ring.begin(command)
                self._steering.enter(CallStage.RINGING)
            case CancelRing(offer_id=offer_id):
                self._ring.cancel(offer_id)
            case AnnouncePosition():
                self._steering.announce(command)
            case TurnAway(because=because):
                self._steering.turn_away(because)
            case HangUp(by=by, cause=cause):
                self._shut(EndedBy(by), cause)
            case OrderCall():
                self._conversation.order(command)
            case PassCall():
                self._conversation.pass_on(command)
            case Supervise():
                self._conversation.supervise(command)
