"""sippy's UA with what it lacks for early dialogs and for a far end behind NAT."""

from collections.abc import Callable
from typing import Any

from sippy.UA import UA

Way = tuple[tuple[str, int], str]
"""Address and transport."""


class DialogUA(UA):  # type: ignore[misc]  # sippy has no types
    """One dialog of sippy's. on_request, on_response: its owner sees each message first, and hands it on by `take…`.

    pinned: where requests go in spite of the far end's Contact, because it is behind NAT.
    """

    def __init__(self, config: dict[str, Any], **options: Any) -> None:
        super().__init__(config, **options)
        self.on_request: Callable[[Any, Any], Any] = self.take_request
        self.on_response: Callable[[Any, Any], None] = super().recvResponse
        self.pinned: Way | None = None

    def isYours(  # noqa: N802  # the name that sippy calls
        self, req: Any = None, call_id: Any = None, from_tag: Any = None, to_tag: Any = None
    ) -> Any:
        # Until the answer, sippy takes only requests with the INVITE's own branch: PRACK and UPDATE have another.
        kept, self.branch = getattr(self, "branch", None), None
        try:
            return super().isYours(req, call_id, from_tag, to_tag)
        finally:
            self.branch = kept

    def recvRequest(self, req: Any, sip_t: Any) -> Any:  # noqa: N802  # the name that sippy calls
        return self.on_request(req, sip_t)

    def recvResponse(self, resp: Any, tr: Any) -> None:  # noqa: N802  # the name that sippy calls
        self.mend(resp)
        self.on_response(resp, tr)

    def take_request(self, request: Any, transaction: Any) -> Any:
        """sippy's own handling of a request."""
        try:
            return super().recvRequest(request, transaction)
        finally:
            # A closure over the request it lies in, for sippy's own states: 80 objects for a full collection.
            request.sendResponse = None

    def take_response(self, response: Any, transaction: Any) -> None:
        """sippy's own handling of a response."""
        super().recvResponse(response, transaction)

    def mend(self, response: Any) -> None:
        """The ACK goes where the Contact says: put the address there that reaches a far end behind NAT."""
        if self.pinned is not None and response.countHFs("contact") > 0:
            url = response.getHFBody("contact").getUrl()
            (url.host, url.port), transport = self.pinned
            url.transport = None if transport == "udp" else transport

    def retarget(self, url: Any) -> None:
        """The far end's Contact is another now (RFC 3261, 12.2): later requests go there."""
        self.rTarget = url
        if not self.routes:
            self.rAddr = self.pinned or url.getTAddr()

    def enter_early(self, response: Any) -> None:
        """A provisional response with a tag makes a dialog (RFC 3261, 12.1.2), for PRACK and UPDATE."""
        tag = response.getHFBody("to").getTag()
        if tag is not None and hasattr(self.state, "updateRoutes"):
            self.rUri.setTag(tag)
            self.state.updateRoutes(response)
