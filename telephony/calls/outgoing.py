"""A call that we place: the agent's telephone rings first, or has dialled by itself, and then the citizen's.

The citizen is shown the hotline's number.
"""

from functools import partial

from domain.call import CallPlaced, DialBecause
from domain.command import DialOut, RingAgent
from domain.target import Target, TargetKind
from telephony.calls.agent_ring import AgentRing
from telephony.calls.conversation import Conversation
from telephony.calls.dialled_line import DialledLine
from telephony.calls.journal import CallJournal
from telephony.calls.party import Party, PartyEvent
from telephony.calls.switch_parts import SwitchParts


class Outgoing:
    """order: who calls whom, and why. citizen: the telephone that is rung when the agent is there."""

    def __init__(
        self,
        order: DialOut,
        citizen: Party,
        parts: SwitchParts,
        journal: CallJournal,
        ring: AgentRing,
        conversation: Conversation,
    ) -> None:
        self._order = order
        self._citizen = citizen
        self._parts = parts
        self._journal = journal
        self._ring = ring
        self._conversation = conversation
        self._line: DialledLine | None = None

    def begin(self) -> None:
        """Ring the agent; RefusedError when there is no port for it."""
        self._note()
        order = self._order
        self._ring.begin(
            RingAgent(
                offer_id=order.offer_id,
                agent_id=order.agent_id,
                extension=order.extension,
                timeout_s=self._parts.transfer_ring_s,
                auto_answer=order.auto_answer or order.because is DialBecause.CLICK,
            )
        )

    def begin_by_phone(self, line: DialledLine) -> None:
        """The agent's telephone is there already."""
        self._note()
        self._line = line
        self.agent_answers(line.party)

    def _note(self) -> None:
        order = self._order
        self._journal.write(
            partial(
                CallPlaced,
                citizen_number=order.number,
                shown_number=self._parts.hotline_number,
                agent_id=order.agent_id,
                extension=order.extension,
                because=order.because,
                offer_id=order.offer_id,
            )
        )

    def agent_answers(self, agent: Party) -> None:
        """The agent is there: ring the citizen."""
        self._conversation.begin_dialling(agent)
        parts = self._parts
        self._citizen.ring(
            parts.endpoint,
            Target(kind=TargetKind.NUMBER, value=self._citizen.address).address,
            caller_number=parts.hotline_number,
            describe=parts.describe,
            timeout_s=parts.citizen_ring_s,
        )

    def follow(self, event: PartyEvent) -> None:
        """What the citizen's telephone tells, for the agent's that waits for it."""
        if self._line is not None:
            self._line.follow(event)

    def citizen_answers(self) -> None:
        """Both are there."""
        self._conversation.citizen_answers(self._order.offer_id)
