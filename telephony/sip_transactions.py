"""sippy's transactions over our ways: each message goes by the transport that its target names."""

from collections.abc import Callable
from typing import Any, Protocol

from sippy.SipTransactionManager import SipTransactionManager

from telephony.sip_socket import SipSocket, SocketOptions


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
