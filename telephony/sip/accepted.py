"""An INVITE of ours that was answered, remembered for a while (RFC 6026, 7.2, and RFC 3261, 13.2.2.4).

Its 200 comes again when our ACK was lost, changed by proxies on the way so that it is not known by its bytes; and a
fork answers too, though the call is up with another: that one is acknowledged and hung up.
"""

from typing import Any

from sippy.SipRequest import SipRequest
from sippy.SipTransactionManager import CONFIRMED


class AcceptedInvite:
    """Stands where sippy keeps its transactions. tag: of the one we talk with. ack: (way, message, address)."""

    state = CONFIRMED

    def __init__(self, tag: str | None, ack: tuple[Any, str, Any]) -> None:
        self.tag = tag
        self.ack = ack
        self.left: set[str | None] = set()
        """Tags of those that were hung up."""


def request_to(answer: Any, method: str, user_agent: str) -> Any:
    """ACK or BYE in the dialog that this 200 makes."""
    number = answer.getHFBody("cseq").getCSeqNum()
    routes = [route.getCopy() for route in answer.getHFBodys("record-route")]
    routes.reverse()
    return SipRequest(
        method=method,
        ruri=answer.getHFBody("contact").getUrl().getCopy(),
        fr0m=answer.getHFBCopy("from"),
        to=answer.getHFBCopy("to"),
        callid=answer.getHFBCopy("call-id"),
        cseq=number if method == "ACK" else number + 1,
        routes=routes,
        user_agent=user_agent,
    )
