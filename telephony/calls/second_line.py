"""The second line of an agent's telephone, which dials somebody else while the agent has the caller on the first.

For the call that is a consultation: whom the line dials is its third. The telephone says by its hold keys which of its
lines is in use, and that one is the agent in the call; on the other nobody is heard.
"""

from domain.errors import RefusedError
from domain.talk import TalkPhase
from telephony.calls.dialled_line import DialledLine
from telephony.calls.party import Answered, Party, PartyEvent
from telephony.calls.talk import Move, Role
from telephony.calls.talkers import Talkers

_WITH_THIRD = frozenset(
    {TalkPhase.CALLING, TalkPhase.CONSULTING, TalkPhase.SWAPPED, TalkPhase.INVITING, TalkPhase.CONFERENCE}
)
GIVEN_UP = (487, "Request Terminated")


class SecondLine:
    """At most one at a time; it lasts no longer than the third that it has dialled."""

    def __init__(self, talkers: Talkers) -> None:
        self._talkers = talkers
        self._first: Party | None = None
        self._line: DialledLine | None = None

    def open(self, line: DialledLine) -> None:
        """It dials: the agent is on this one now."""
        self._line = line
        self._first = self._talkers.parties[Role.AGENT]
        self._use(line.party)

    def has(self, party: Party) -> bool:
        """Whether this is one of the two lines."""
        lines = self._lines()
        return lines is not None and party in (lines[0], lines[1].party)

    def joins(self, party: Party, sip_call_id: str) -> bool:
        """Whether the line `party` and the one with this Call-ID are the two."""
        leg = self._other(party).leg if self.has(party) else None
        return leg is not None and leg.sip_call_id == sip_call_id

    def follow(self, event: PartyEvent) -> None:
        """What the third tells, passed on as long as the line is not answered."""
        lines = self._lines()
        if lines is None:
            return
        _, line = lines
        if isinstance(event, Answered) and not line.party.answered:
            self._use(line.party)
            line.party.media.listen(self._talkers.host.media_ms())
        line.follow(event)

    def hold(self, party: Party, held: bool) -> None:
        """The hold key of a line. What is taken back is in use; what is held is not, unless both are."""
        other = self._other(party)
        if held and other.held:
            return
        self._use(other if held else party)
        talkers = self._talkers
        wished = TalkPhase.SWAPPED if talkers.agent is self._first else TalkPhase.CONSULTING
        if talkers.talk.phase is not wished and talkers.talk.phase in (TalkPhase.SWAPPED, TalkPhase.CONSULTING):
            talkers.step(Move.SWAP)

    def is_gone(self, party: Party) -> bool:
        """A line was hung up. True: the second one, and the agent is back with the caller; False: the agent leaves."""
        lines = self._lines()
        if lines is None or party is not lines[0]:
            return lines is not None
        self._back_to(lines[0])
        lines[1].give_up(*GIVEN_UP)
        return False

    def give_up(self) -> None:
        """The agent leaves the call: a line that was not answered yet is told why."""
        lines = self._lines()
        if lines is not None and not lines[1].party.answered:
            lines[1].give_up(*GIVEN_UP)

    def settle(self) -> None:
        """After each step of the call: a line whose third is gone is hung up, and the first goes on as it is held."""
        lines, talkers = self._lines(), self._talkers
        if lines is None:
            return
        first, line = lines
        if talkers.talk.phase not in _WITH_THIRD:
            self._back_to(first)
            line.give_up(*GIVEN_UP)
            if first.held and talkers.talk.phase is TalkPhase.TALKING:
                talkers.step(Move.HOLD)
        elif talkers.talk.phase is TalkPhase.INVITING:  # an emergency service has gone before whom it dialled
            self.follow(Answered())

    def _lines(self) -> tuple[Party, DialledLine] | None:
        """None without a second line, and once the agent has left or another has taken over."""
        first, line = self._first, self._line
        if first is None or line is None:
            return None
        if self._talkers.agent not in (first, line.party):
            self._first = self._line = None
            return None
        return first, line

    def _use(self, party: Party) -> None:
        self._talkers.parked = self._other(party)
        self._talkers.parties[Role.AGENT] = party

    def _other(self, party: Party) -> Party:
        first, line = self._first, self._line
        if first is None or line is None:
            raise RefusedError("the telephone has no second line", where=party.address, code="not_now")
        return line.party if party is first else first

    def _back_to(self, first: Party) -> None:
        self._first = self._line = None
        self._talkers.parked = None
        self._talkers.parties[Role.AGENT] = first
