"""sippy's transactions over our ways: each message goes by the transport that its target names."""

from collections.abc import Callable
from typing import Any, Protocol

from sippy.SipTransactionManager import RINGING, TRYING, SipTransactionManager

from telephony.sip_addresses import Address, bare


class Way(Protocol):
    """What sippy calls a server: how messages get to a peer, and the address of ours that they name."""

    transport: str
    reliable: bool

    def getSIPaddr(self) -> tuple[tuple[str, int], str]: ...  # noqa: N802  # the name that sippy calls

    def send_to(self, data: str | bytes, address: tuple[str, int]) -> None: ...


class _Trial:
    """What sippy hands to the server that it constructs."""

    def __init__(self, laddress: object, data_callback: Callable[..., None]) -> None:
        self.laddress = laddress
        self.data_callback = data_callback


class _NoServer:
    """What sippy constructs: ours are there already, and chosen for each message."""

    def __init__(self, config: object, options: object) -> None: ...

    def shutdown(self) -> None: ...


class Transactions(SipTransactionManager):  # type: ignore[misc]  # sippy has no types
    """towards: the way to (host, port) by a transport; ValueError for a transport that we do not have."""

    model_udp_server = (_NoServer, _Trial)

    def __init__(
        self,
        config: dict[str, Any],
        towards: Callable[[Address, str], Way],
        on_request: Callable[[Any, Any], Any],
    ) -> None:
        self._towards = towards
        super().__init__(config, on_request)

    def newTransaction(self, msg: Any, *arguments: Any, **options: Any) -> Any:  # noqa: N802  # sippy's name
        """As sippy's; options: resp_cb, userv, ..."""
        if options.get("userv") is None:
            address, transport = msg.getTarget()
            options["userv"] = self._towards(address, str(transport).lower())
        return super().newTransaction(msg, *arguments, **options)

    def timerA(self, t: Any) -> None:  # noqa: N802  # sippy's name
        """Repeat a message: over a reliable transport only the 200 of an INVITE (RFC 3261, 17.1.1.2, 13.3.1.4)."""
        if t.userv.reliable and not t.data.startswith("SIP/2.0 2"):
            t.teA = None
            return
        super().timerA(t)

    def lost(self, address: Address) -> None:
        """Nothing can be sent there: requests that wait for an answer from it get a 503 (RFC 3261, 17.1.4)."""
        waiting = [
            transaction
            for transaction in tuple(self.tclient.values())
            if transaction.state in (TRYING, RINGING)
            and transaction.userv.reliable
            and (bare(str(transaction.address[0])), transaction.address[1]) == address
        ]
        for transaction in waiting:
            if transaction.teB is not None:
                transaction.teB.cancel()
            if transaction.resp_cb is not None:
                transaction.r408.setSCode(503, "Transport Error")
            self.timerB(transaction)
