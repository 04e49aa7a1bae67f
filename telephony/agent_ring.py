"""One attempt to reach an agent's phone, and the agent's side of the call when it is answered."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from domain.call import AgentOffered, CallConnected, DigitSource, OfferEnded, OfferOutcome
from domain.command import RingAgent
from telephony.journal import CallJournal
from telephony.ports import MediaDescription, MediaLeg, MediaPlane, SipEndpoint, SipLeg

REJECTED = frozenset({486, 600, 603})
NO_ANSWER = frozenset({408, 487})
AUTO_ANSWER = (
    ("Alert-Info", "<http://localhost>;info=alert-autoanswer;delay=0"),
    ("Call-Info", "<sip:localhost>;answer-after=0"),
)
"""What makes desk phones answer by themselves. RFC 3261 (20.4, 20.9) has the headers, not these parameters, which are
no standard: most makers of telephones read one of the two."""


class AgentRingOwner(Protocol):
    """The call that the agent is wanted for."""

    def agent_answered(self, ring: "AgentRing") -> None: ...

    def agent_gone(self, ring: "AgentRing") -> None:
        """Over, whether it was answered or not."""

    def agent_sound(self, media_ms: int, alaw: bytes) -> None: ...


class AgentRing:
    """Rings a phone. As LegEvents and MediaEvents it hears both the SIP leg and the media leg of that phone."""

    def __init__(
        self,
        command: RingAgent,
        owner: AgentRingOwner,
        journal: CallJournal,
        endpoint: SipEndpoint,
        plane: MediaPlane,
        describe: Callable[[int], MediaDescription],
    ) -> None:
        self.command = command
        self.answered = False
        self._owner = owner
        self._journal = journal
        self._endpoint = endpoint
        self._over = False
        self._cancelled = False
        self._leg: SipLeg | None = None
        self.media: MediaLeg = plane.open_leg(self)
        self._description = describe(self.media.port)

    def start(self, caller_number: str) -> None:
        """Send the INVITE."""
        command = self.command
        self._journal.write(
            partial(AgentOffered, offer_id=command.offer_id, agent_id=command.agent_id, extension=command.extension)
        )
        self._leg = self._endpoint.place_call(
            command.extension,
            caller_number=caller_number,
            media=self._description,
            events=self,
            timeout_s=command.timeout_s,
            headers=AUTO_ANSWER if command.auto_answer else (),
        )

    def cancel(self) -> None:
        """Stop ringing, or hang up the answered phone."""
        self._cancelled = True
        if self._leg is not None:
            self._leg.hang_up()

    def on_progress(self, status: int, media: MediaDescription | None = None) -> None:
        """The phone rings; the queue counts the time itself."""

    def on_answered(self, media: MediaDescription) -> None:
        if self._cancelled:
            return
        self.answered = True
        self.media.connect(media)
        command = self.command
        self._journal.write(
            partial(OfferEnded, offer_id=command.offer_id, agent_id=command.agent_id, outcome=OfferOutcome.ANSWERED)
        )
        self._journal.write(
            partial(CallConnected, offer_id=command.offer_id, agent_id=command.agent_id, extension=command.extension)
        )
        self._owner.agent_answered(self)

    def on_media_changed(self, media: MediaDescription) -> None:
        self.media.connect(media)

    def on_transfer_asked(self, target: str, replaces: str) -> None:
        """Refused: transfers come with call control."""
        if self._leg is not None:
            self._leg.tell_transfer(603, "Decline")

    def on_ended(self, *, by_remote: bool, status: int, reason: str) -> None:
        if self._over:
            return
        self._over = True
        self.media.close()
        if not self.answered:
            self._journal.write(
                partial(
                    OfferEnded,
                    offer_id=self.command.offer_id,
                    agent_id=self.command.agent_id,
                    outcome=self._outcome(status),
                    sip_status=status,
                )
            )
        self._owner.agent_gone(self)

    def _outcome(self, status: int) -> OfferOutcome:
        if self._cancelled:
            return OfferOutcome.CANCELLED
        if status in REJECTED:
            return OfferOutcome.REJECTED
        return OfferOutcome.NO_ANSWER if status in NO_ANSWER else OfferOutcome.UNREACHABLE

    def on_digit(self, digit: str, source: DigitSource = DigitSource.INFO) -> None:
        """An agent's keys do nothing yet: feature codes come with call control."""

    def on_played(self, token: int) -> None:
        """Nothing is played to agents yet."""

    def on_chunk(self, media_ms: int, alaw: bytes) -> None:
        self._owner.agent_sound(media_ms, alaw)

    def on_silent(self, seconds: float) -> None:
        """An agent's phone may send nothing (muted headsets do): its BYE ends the call, not its silence."""
