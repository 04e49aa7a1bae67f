"""An agent's telephone that has dialled by itself: its line is answered when the one whom it dialled answers."""

from telephony.calls.arrival import Arrival
from telephony.calls.party import Answered, Gone, HeardEarly, Party, PartyEvent, Rings, Tell
from telephony.calls.switch_parts import SwitchParts
from telephony.ports import InboundCall, SipLeg

_TOLD = frozenset({403, 404, 408, 410, 480, 484, 486, 488, 500, 503, 504, 600, 603, 604, 606})
"""What ended the other line with one of these ends this one so. The rest is between us and the other side: a 401 is a
trunk's that does not take our account, and would have the telephone prove its own."""


class DialledLine:
    """party: the telephone. tell: who hears of it. SipError when there is no port for its sound."""

    def __init__(self, call: InboundCall, leg: SipLeg, parts: SwitchParts, tell: Tell, *, agent_id: str) -> None:
        self.party = Party(parts.plane, tell, address=call.caller_number, agent_id=agent_id)
        self.party.leg = self._leg = leg
        self._offer = call.media
        self._arrival = Arrival(call, leg, parts.describe(self.party.media.port))

    def follow(self, event: PartyEvent) -> None:
        """What the one tells who was dialled, passed on as long as this line is not answered."""
        if self.party.answered or self.party.over:
            return
        match event:
            case Rings():
                self._leg.ring()
            case HeardEarly():
                if self._arrival.be_heard_early():
                    self._connect()
            case Answered():
                self.party.answered = True
                self._connect()
                self._arrival.answer()
            case Gone(status=status, reason=reason):
                self.refuse(*((status, reason) if status in _TOLD else (502, "Bad Gateway")))
            case _:
                return

    def give_up(self, status: int, reason: str) -> None:
        """Nobody is waited for any more: refused with this, or hung up. What it still tells is nobody's."""
        if self.party.over:
            return
        if not self.party.answered and not self.party.cancelled:
            self.refuse(status, reason)
        self.party.close()
        self.party.hang_up()

    def refuse(self, status: int, reason: str) -> None:
        """Nobody comes."""
        self.party.cancelled = True
        self._leg.reject(status, reason)

    def _connect(self) -> None:
        """Without an offer of its own the telephone says where its sound shall go when it hears of our answer."""
        if self._offer is not None:
            self.party.connect(self._offer)
