"""How a switch stands towards the outside: its trunks, and who is shut out; for the operator's commands."""

import msgspec


class TrunkReport(msgspec.Struct, frozen=True, kw_only=True):
    """A trunk now. host: its server, "" where no calls go out by it. standing: unknown, up or down.

    usable: whether calls are tried there first. registered: null where we do not register. since_ms: wall clock, when
    that began.
    """

    name: str
    host: str
    standing: str
    usable: bool
    registered: bool | None
    since_ms: int
    calls_in: int
    calls_out: int


class BanReport(msgspec.Struct, frozen=True, kw_only=True):
    """A source that is shut out. rest_s: how long it still holds. dropped: messages that came and were not read."""

    source: str
    why: str
    rest_s: float
    dropped: int


class AskSipEdge(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="ask"):
    """How do you stand?"""


class LiftBan(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="lift_ban"):
    """Let this address (or network, as a BanReport names it) in again."""

    source: str


SipEdgeQuestion = AskSipEdge | LiftBan


class SipEdgeReport(msgspec.Struct, frozen=True, kw_only=True):
    """As it stands after the question. lifted: how many bans a LiftBan ended."""

    switch_id: str
    trunks: tuple[TrunkReport, ...]
    bans: tuple[BanReport, ...]
    lifted: int = 0
