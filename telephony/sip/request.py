"""A request of ours within a dialog: UPDATE, re-INVITE, PRACK, NOTIFY, BYE."""

from collections.abc import Callable, Sequence
from typing import Any

from sippy.MsgBody import MsgBody
from sippy.SipContentType import SipContentType
from sippy.Time.Timeout import Timeout

from telephony.sip.message import SDP_TYPE
from telephony.sip.ua import DialogUA

CHALLENGES = {401: ("www-authenticate", "authorization"), 407: ("proxy-authenticate", "proxy-authorization")}


def body_of(text: str, kind: str = SDP_TYPE) -> Any:
    """A body in sippy's form. kind: its Content-Type."""
    content_type = SipContentType(kind)
    content_type.parse()
    return MsgBody(text, content_type)


class OurRequest:
    """Sent by `send`; a challenge is answered once with the dialog's password. on_final: gets the final response.

    When nothing comes, that is a 408 of our own after 32 s.
    """

    def __init__(
        self,
        ua: DialogUA,
        method: str,
        on_final: Callable[[Any], None],
        *,
        body: Any = None,
        headers: Sequence[Any] = (),
    ) -> None:
        self._ua = ua
        self._method = method
        self._on_final = on_final
        self._body = body
        self._headers = headers
        self._challenged = False

    def send(self, challenge: Any = None) -> None:
        """challenge: (challenge, qop) to prove our password for."""
        request = self._ua.genRequest(self._method, self._body, challenge, extra_headers=self._headers)
        # sippy keeps INVITEs for challenges to them; those of its own are answered by it, these by us.
        self._ua.reqs.pop(request.getHFBody("cseq").getCSeqNum(), None)
        self._ua.newTransaction(request, resp_cb=self._on_response)

    def _on_response(self, response: Any) -> None:
        status = response.getSCode()[0]
        if status < 200 or self._ua.isDead():
            return
        self._ua.mend(response)
        challenge = self._challenge(response, status)
        if challenge is not None:
            self._challenged = True
            # The ACK of a refused INVITE leaves after this returns.
            Timeout(self.send, 0.0, 1, challenge)
        else:
            self._on_final(response)

    def _challenge(self, response: Any, status: int) -> Any:
        if status not in CHALLENGES or self._challenged or self._ua.username is None or self._ua.password is None:
            return None
        for challenge in response.getHFBodys(CHALLENGES[status][0]):
            supported, qop = challenge.supportedAlgorithm()
            if supported:
                return challenge, qop
        return None
