"""What happens to a call between two telephones of ours, in which no citizen is."""

from domain.call_event import CallEventBase


class ColleagueCallBase(CallEventBase, frozen=True, kw_only=True):
    """A call between two telephones of ours, in which no citizen is: nothing counts, records or listens to it.

    extension: the one that has dialled; agent_id: who is signed in there, "" for nobody. called_…: of the other.
    """

    extension: str
    called_extension: str
    agent_id: str = ""
    called_agent_id: str = ""


class ColleagueCalled(ColleagueCallBase, frozen=True, kw_only=True, tag="colleague_called"):
    """The other's telephone is rung."""


class ColleagueAnswered(ColleagueCallBase, frozen=True, kw_only=True, tag="colleague_answered"):
    """The two hear each other."""


class ColleagueCallEnded(CallEventBase, frozen=True, kw_only=True, tag="colleague_ended"):
    """It is over. cause, sip_status: as in CallEnded."""

    cause: str
    sip_status: int = 0


COLLEAGUE_CALL = (ColleagueCalled, ColleagueAnswered, ColleagueCallEnded)
"""What concerns no citizen."""
