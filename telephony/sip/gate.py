"""Who may speak to the SIP port how often, and who is shut out for a while: pure, time is an argument (s, steady).

A source is a host, or the /64 network of an IPv6 host, since one machine has all of it. Each has a bucket of requests
that fills steadily. Offences (a wrong password, a request without proof, what is over the bucket) add up over a window;
too many shut the source out for `ban_s`. What proves a password begins anew with none.
"""

import ipaddress
from collections import OrderedDict
from enum import StrEnum

import msgspec

SOURCES_REMEMBERED = 20_000
BANS_REMEMBERED = 5_000


class GateRules(msgspec.Struct, frozen=True, kw_only=True):
    """per_s, burst: the bucket of one source. ban_after: points of offences within window_s. ban_s 0: no bans."""

    per_s: float = 20.0
    burst: float = 100.0
    ban_after: float = 20.0
    window_s: float = 60.0
    ban_s: float = 600.0


class Offence(StrEnum):
    """What a source did; its weight in points is POINTS."""

    WRONG_PASSWORD = "wrong password"  # noqa: S105  # words for a log
    UNPROVEN = "request without proof"
    FLOOD = "flood"


POINTS = {Offence.WRONG_PASSWORD: 1.0, Offence.UNPROVEN: 0.1, Offence.FLOOD: 0.05}
"""A hundred phones that start at once and are all asked for proof are no attack; neither is one burst over the rate."""


class Pass(StrEnum):
    """What becomes of a message."""

    GO = "go"
    OVER_RATE = "rate"
    BANNED = "banned"


class Ban(msgspec.Struct, kw_only=True):
    """until_s: on the same clock as everything here. dropped: messages that came and were not looked at."""

    source: str
    since_s: float
    until_s: float
    why: Offence
    dropped: int = 0


class _Record(msgspec.Struct):
    """Of one source. tokens at at_s; points since from_s."""

    tokens: float
    at_s: float
    points: float
    from_s: float


def source_of(host: str) -> str:
    """The source that a (bare) host belongs to; a text that is no address is its own."""
    if ":" not in host:
        return host
    try:
        return str(ipaddress.ip_network(f"{host}/64", strict=False))
    except ValueError:
        return host


class Gate:
    """Not for several threads at once."""

    def __init__(self, rules: GateRules) -> None:
        self._rules = rules
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._bans: OrderedDict[str, Ban] = OrderedDict()
        self._fresh: list[Ban] = []

    def look(self, source: str, now_s: float) -> Pass:
        """A message has come from this source: may it go on? What is over the rate is an offence itself."""
        ban = self._bans.get(source)
        if ban is not None:
            if now_s < ban.until_s:
                ban.dropped += 1
                return Pass.BANNED
            del self._bans[source]
        record = self._record(source, now_s)
        record.tokens = min(self._rules.burst, record.tokens + (now_s - record.at_s) * self._rules.per_s)
        record.at_s = now_s
        if record.tokens < 1.0:
            self.offended(source, Offence.FLOOD, now_s)
            return Pass.OVER_RATE
        record.tokens -= 1.0
        return Pass.GO

    def offended(self, source: str, offence: Offence, now_s: float) -> None:
        """One more offence; it may be the one that leads to a ban."""
        rules = self._rules
        record = self._record(source, now_s)
        if now_s - record.from_s >= rules.window_s:
            record.points, record.from_s = 0.0, now_s
        record.points += POINTS[offence]
        if record.points < rules.ban_after - 1e-9 or not rules.ban_s or source in self._bans:
            return
        record.points = 0.0
        ban = Ban(source=source, since_s=now_s, until_s=now_s + rules.ban_s, why=offence)
        self._bans[source] = ban
        if len(self._bans) > BANS_REMEMBERED:
            self._bans.popitem(last=False)
        self._fresh.append(ban)

    def take_fresh(self) -> list[Ban]:
        """The bans that began since the last time this was asked."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def proven(self, source: str) -> None:
        """A password was right: what came before was no attack."""
        record = self._records.get(source)
        if record is not None:
            record.points = 0.0

    def bans(self, now_s: float) -> tuple[Ban, ...]:
        """Those that hold now, the oldest first."""
        for source in [source for source, ban in self._bans.items() if now_s >= ban.until_s]:
            del self._bans[source]
        return tuple(self._bans.values())

    def lift(self, source: str) -> bool:
        """End a ban; False when there is none."""
        self._records.pop(source, None)
        return self._bans.pop(source, None) is not None

    def _record(self, source: str, now_s: float) -> _Record:
        record = self._records.get(source)
        if record is None:
            record = self._records[source] = _Record(self._rules.burst, now_s, 0.0, now_s)
            if len(self._records) > SOURCES_REMEMBERED:
                self._records.popitem(last=False)
        return record
