"""One attempt to reach an agent's phone for a caller who waits."""

from functools import partial

from domain.call import AgentOffered, OfferEnded, OfferOutcome
from telephony.calls.journal import CallJournal
from telephony.calls.party import Party


class AgentRing:
    """An offer of the queue (or of the agent's own click) and the telephone that rings for it."""

    def __init__(self, offer_id: str, party: Party, journal: CallJournal) -> None:
        self.offer_id = offer_id
        self.party = party
        self._journal = journal

    def begin(self) -> None:
        """The INVITE is about to be sent."""
        party = self.party
        self._journal.write(
            partial(AgentOffered, offer_id=self.offer_id, agent_id=party.agent_id, extension=party.address)
        )

    def end(self, status: int = 0) -> None:
        """It was answered, or ended unanswered with this SIP status."""
        outcome = self.party.outcome(status)
        sip_status = 0 if outcome is OfferOutcome.ANSWERED else status
        self._journal.write(
            partial(
                OfferEnded,
                offer_id=self.offer_id,
                agent_id=self.party.agent_id,
                outcome=outcome,
                sip_status=sip_status,
            )
        )
