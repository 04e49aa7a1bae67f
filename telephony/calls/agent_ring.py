"""The telephone that rings for a call: of the agent whom the queue offers it, or who dials by a click."""

from functools import partial

from domain.call import AgentOffered, OfferEnded
from domain.command import RingAgent
from domain.errors import HotlineError, RefusedError
from domain.target import OfferOutcome
from telephony.calls.journal import CallJournal
from telephony.calls.party import Party, Tell
from telephony.calls.switch_parts import SwitchParts


class AgentRing:
    """At most one telephone at a time. caller: who waits for it. tell: who hears of the telephone."""

    def __init__(self, caller: Party, parts: SwitchParts, journal: CallJournal, tell: Tell) -> None:
        self._caller = caller
        self._parts = parts
        self._journal = journal
        self._tell = tell
        self._offer_id = ""
        self._party: Party | None = None

    def begin(self, command: RingAgent) -> None:
        """Send the INVITE; RefusedError when there is no port for its sound."""
        try:
            party = Party(self._parts.plane, self._tell, address=command.extension, agent_id=command.agent_id)
        except HotlineError as error:
            raise RefusedError(str(error), code="switch_fault") from error
        self._party, self._offer_id = party, command.offer_id
        offered = partial(AgentOffered, offer_id=command.offer_id, agent_id=party.agent_id, extension=party.address)
        self._journal.write(offered)
        party.ring(
            self._parts.endpoint,
            command.extension,
            caller_number=self._caller.address,
            describe=self._parts.describe,
            timeout_s=command.timeout_s,
            auto_answer=command.auto_answer,
            codec=self._caller.codec,
        )

    def is_of(self, party: Party) -> bool:
        """Whether this is the telephone that rings."""
        return party is self._party

    def cancel(self, offer_id: str) -> None:
        """Stop ringing; RefusedError when it is another offer that rings, or none."""
        if self._party is None or self._offer_id != offer_id:
            raise RefusedError("that offer is not ringing", code="not_ringing")
        self._party.hang_up()

    def end(self, status: int = 0) -> str:
        """It was answered, or ended unanswered with this SIP status; the id of its offer."""
        party, self._party = self._party, None
        if party is None:
            return ""
        outcome = party.outcome(status)
        sip_status = 0 if outcome is OfferOutcome.ANSWERED else status
        ended = partial(OfferEnded, offer_id=self._offer_id, agent_id=party.agent_id)
        self._journal.write(partial(ended, outcome=outcome, sip_status=sip_status))
        return self._offer_id

    def drop(self) -> None:
        """The call is over while it rings, if it does."""
        party = self._party
        if party is not None:
            party.hang_up()
            party.close()
            self.end()
