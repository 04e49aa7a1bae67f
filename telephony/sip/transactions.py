"""sippy's transactions over our ways: each message goes by the transport that its target names."""

from collections.abc import Callable
from typing import Any, Protocol

from sippy.SipTransactionManager import RINGING, TERMINATED, TRYING, SipTransactionManager
from sippy.Time.MonoTime import MonoTime
from sippy.Time.Timeout import Timeout

from telephony.sip.accepted import AcceptedInvite, request_to
from telephony.sip.addresses import Address, bare
from telephony.sip.thread import fault_log

ACCEPTED_S = 32.0
"""64 times T1: so long the 200 of an INVITE may come again (RFC 6026, 8.4)."""
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
        user_agent: str,
    ) -> None:
        self._towards = towards
        self._user_agent = user_agent
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
        self.transmitData(t.userv, t.data, t.address)
        # sippy would double the time for ever; that is right for INVITE alone (RFC 3261, 17.1.1.2).
        is_invite = t.method == "INVITE" and t.tid in self.tclient
        t.tout = t.tout * 2 if is_invite else min(t.tout * 2, LONGEST_REPEAT_S)
        t.teA = Timeout(self.timerA, t.tout, 1, t)

    def cancelTransaction(self, t: Any, extra_headers: Any = None) -> None:  # noqa: N802  # sippy's name
        """CANCEL; sippy would wait five minutes for a far end that never answers the INVITE then."""
        super().cancelTransaction(t, extra_headers)
        if t.state == RINGING and t.teB is not None:
            t.teB.cancel()
            t.teB = Timeout(self.timerB, CANCELLED_S, 1, t)

    def incomingResponse(self, msg: Any, t: Any, checksum: bytes) -> None:  # noqa: N802  # sippy's name
        """A final response that cannot be handled ends its transaction as a 502; sippy would keep it for ever."""
        if isinstance(t, AcceptedInvite):
            self._answered_again(msg, t)
            return
        tid = t.tid
        try:
            super().incomingResponse(msg, t, checksum)
        except Exception:
            fault_log.report("a response could not be handled")
            if msg.getSCode()[0] >= 200 and t.tid in self.tclient:
                self._give_up(t)
            return
        ack = getattr(t, "ack_sent", None)
        if ack is not None and 200 <= msg.getSCode()[0] < 300 and tid not in self.tclient:
            self.tclient[tid] = AcceptedInvite(msg.getHFBody("to").getTag(), ack)
            Timeout(self._forget_accepted, ACCEPTED_S, 1, tid)

    def transmitReq(self, t: Any, msg: Any, *where: Any, **options: Any) -> None:  # noqa: N802  # sippy's name
        """An ACK leaves: kept, in case that it is lost."""
        super().transmitReq(t, msg, *where, **options)
        t.ack_sent = (t.userv, msg.localStr(t.userv.getSIPaddr(), compact=t.compact), where[0])

    def _answered_again(self, answer: Any, accepted: AcceptedInvite) -> None:
        tag = answer.getHFBody("to").getTag()
        if not 200 <= answer.getSCode()[0] < 300:
            return
        way = accepted.ack[0]
        if tag == accepted.tag:
            self.transmitData(*accepted.ack)
            return
        ack = request_to(answer, "ACK", self._user_agent)
        self.transmitMsg(way, ack, ack.getTarget()[0], None)
        if tag not in accepted.left:
            accepted.left.add(tag)
            self.newTransaction(request_to(answer, "BYE", self._user_agent), userv=way)

    def _forget_accepted(self, tid: Any) -> None:
        if self.tclient is not None:
            self.tclient.pop(tid, None)

    @property
    def is_idle(self) -> bool:
        """No request of ours waits for its answer."""
        return all(isinstance(transaction, AcceptedInvite) for transaction in self.tclient.values())

    def _give_up(self, t: Any) -> None:
        del self.tclient[t.tid]
        t.state = TERMINATED
        callback = t.resp_cb
        if callback is not None:
            t.r408.setSCode(502, "Unusable Response")
            t.r408.rtime = MonoTime()
            callback(t.r408, *((t,) if t.cb_ifver != 1 else ()))
        t.cleanup()

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
