"""sippy's transactions over our ways: each message goes by the transport that its target names."""

from collections.abc import Callable
from typing import Any, Protocol

from sippy.SipTransactionManager import RINGING, SipTransactionManager
from sippy.Time.Timeout import Timeout

from telephony.sip_socket import SipSocket, SocketOptions

LONGEST_REPEAT_S = 4.0
"""T2 of RFC 3261: no longer between two repeats of a response, or of a request that is not INVITE."""
CANCELLED_S = 32.0
"""64 times T1: so long a cancelled INVITE waits for its final response (RFC 3261, 9.1)."""


class Way(Protocol):
    """What sippy calls a server: how messages get to a peer, and the address of ours that they name."""

    transport: str
    reliable: bool

    def getSIPaddr(self) -> tuple[tuple[str, int], str]: ...  # noqa: N802  # the name that sippy calls

    def send_to(self, data: str | bytes, address: tuple[str, int]) -> None: ...


class Transactions(SipTransactionManager):  # type: ignore[misc]  # sippy has no types
    """towards: the way to (host, port) by a transport; ValueError for a transport that we do not have."""

    def __init__(
        self,
        config: dict[str, Any],
        socket: SipSocket,
        towards: Callable[[tuple[str, int], str], Way],
        on_request: Callable[[Any, Any], Any],
    ) -> None:
        self._towards = towards
        self.model_udp_server = (socket.server_for_sippy, SocketOptions)
        super().__init__(config, on_request)

    def newTransaction(self, msg: Any, *arguments: Any, **options: Any) -> Any:  # noqa: N802  # sippy's name
        """As sippy's; options: resp_cb, userv, ..."""
        if options.get("userv") is None:
            address, transport = msg.getTarget()
            options["userv"] = self._towards(address, str(transport).lower())
        return super().newTransaction(msg, *arguments, **options)

    def timerA(self, t: Any) -> None:  # noqa: N802  # sippy's name
        """Repeat; sippy would double the time between repeats for ever."""
        self.transmitData(t.userv, t.data, t.address)
        is_request = t.method == "INVITE" and t.tid in self.tclient
        t.tout = t.tout * 2 if is_request else min(t.tout * 2, LONGEST_REPEAT_S)
        t.teA = Timeout(self.timerA, t.tout, 1, t)

    def cancelTransaction(self, t: Any, extra_headers: Any = None) -> None:  # noqa: N802  # sippy's name
        """CANCEL; sippy would wait five minutes for a far end that never answers the INVITE then."""
        super().cancelTransaction(t, extra_headers)
        if t.state == RINGING and t.teB is not None:
            t.teB.cancel()
            t.teB = Timeout(self.timerB, CANCELLED_S, 1, t)
