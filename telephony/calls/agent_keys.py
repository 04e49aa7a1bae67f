"""Call control from an agent's telephone: feature codes by its keys, and its own transfer key (REFER)."""

from collections.abc import Callable
from functools import partial

import structlog

from domain.command import CallOrder, OrderCall, PassCall
from domain.errors import RefusedError
from domain.talk import Passing, TalkPhase
from telephony.calls.conversation import Conversation
from telephony.calls.feature_codes import Feature, FeatureKeyed, FeatureKeys, KeyForOther
from telephony.calls.keyed_hand_over import KeyedHandOver
from telephony.calls.party import Party, TransferAsked
from telephony.calls.seats import Seats

logger = structlog.get_logger()
_PASSING = {Feature.TRANSFER: Passing.TRANSFER, Feature.CONSULT: Passing.CONSULT}
_ORDERS = {
    Feature.SWAP: CallOrder.SWAP,
    Feature.CONFERENCE: CallOrder.CONFERENCE,
    Feature.COMPLETE: CallOrder.COMPLETE,
    Feature.CANCEL: CallOrder.CANCEL,
}


class AgentKeys:
    """For one call. to_other: a key that is for whoever the agent speaks with."""

    def __init__(
        self,
        conversation: Conversation,
        hand_over: KeyedHandOver,
        keys: FeatureKeys,
        seats: Seats,
        to_other: Callable[[str], None],
    ) -> None:
        self._conversation = conversation
        self._hand_over = hand_over
        self._keys = keys
        self._seats = seats
        self._to_other = to_other

    def press(self, agent: Party, digit: str, now_ms: int) -> None:
        """A key of the agent's telephone; what is not possible now is logged, and means nothing."""
        match self._keys.press(digit, now_ms):
            case KeyForOther(digit):
                self._to_other(digit)
            case FeatureKeyed(feature, dialled):
                try:
                    self._carry_out(agent, feature, dialled)
                except RefusedError as error:
                    logger.info("a feature code was refused", feature=feature, reason=error.what)

    def transfer(self, agent: Party, asked: TransferAsked) -> None:
        """The telephone's transfer key: our own transfer, to one who is named, or whom its second line has dialled."""
        leg = agent.leg
        if leg is None:
            return
        try:
            self._transfer(agent, asked, partial(leg.tell_transfer, 200, "OK"))
        except RefusedError as error:  # a telephone that heard of success would hang up, and the caller be lost
            logger.info("a telephone's transfer was refused", reason=error.what)
            leg.tell_transfer(603, "Decline")

    def _transfer(self, agent: Party, asked: TransferAsked, taken_up: Callable[[], None]) -> None:
        conversation, target = self._conversation, self._seats.target(asked.target)
        if asked.replaces:
            conversation.join(agent, asked.replaces, taken_up)
        elif target is None:
            raise RefusedError("nobody is known by what was dialled", where="transfer", code="no_number")
        elif conversation.rings_at(target):
            conversation.complete(taken_up)
        elif conversation.phase not in (TalkPhase.TALKING, TalkPhase.HELD):
            raise RefusedError(f"the call is {conversation.phase}", where="transfer", code="not_now")
        else:
            conversation.pass_on(PassCall(how=Passing.TRANSFER, target=target, agent_id=agent.agent_id), taken_up)

    def _carry_out(self, agent: Party, feature: Feature, dialled: str) -> None:
        if feature is Feature.HAND_OVER:
            self._hand_over.begin(agent.agent_id, dialled)
            return
        if feature in _PASSING:
            target = self._seats.target(dialled)
            if target is None:
                raise RefusedError(f"nobody is known by '{dialled}'", where="feature code", code="no_number")
            self._conversation.pass_on(PassCall(how=_PASSING[feature], target=target, agent_id=agent.agent_id))
            return
        self._conversation.order(OrderCall(order=self._order(feature), agent_id=agent.agent_id))

    def _order(self, feature: Feature) -> CallOrder:
        match feature:
            case Feature.HOLD:
                held = self._conversation.phase is TalkPhase.HELD
                return CallOrder.RESUME if held else CallOrder.HOLD
            case Feature.MUTE:
                return CallOrder.UNMUTE if self._conversation.muted else CallOrder.MUTE
            case _:
                return _ORDERS[feature]
