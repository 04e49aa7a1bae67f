"""Answers the operator's questions about trunks and bans."""

from typing import Protocol

from domain.errors import RefusedError
from domain.sip_edge import BanReport, LiftBan, SipEdgeQuestion, SipEdgeReport, TrunkReport


class Edge(Protocol):
    """The endpoint, as seen from here."""

    def trunks(self) -> tuple[TrunkReport, ...]: ...

    def bans(self) -> tuple[BanReport, ...]: ...

    def lift_ban(self, source: str) -> bool: ...


class SipEdge:
    def __init__(self, switch_id: str, edge: Edge) -> None:
        self._switch_id = switch_id
        self._edge = edge

    async def answer(self, _subject: str, question: SipEdgeQuestion) -> SipEdgeReport:
        """As the service SIP_EDGE; a source that is no address lifts nothing."""
        lifted = 0
        if isinstance(question, LiftBan):
            try:
                lifted = int(self._edge.lift_ban(question.source))
            except RefusedError:
                lifted = 0
        return SipEdgeReport(
            switch_id=self._switch_id, trunks=self._edge.trunks(), bans=self._edge.bans(), lifted=lifted
        )
