"""All trunks, on sippy's thread: whose address is whose, who is full, and by which of them a call goes out."""

import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address

import msgspec

from domain.sip_edge import TrunkReport
from telephony.sip.addresses import HOSTS_REMEMBERED, is_numeric
from telephony.sip.conf import SipConf
from telephony.sip.dialog import Dialog
from telephony.sip.leg import Leg
from telephony.sip.message import SipPlace
from telephony.sip.metrics import TRUNK_CALLS
from telephony.sip.outbound import Placement
from telephony.trunks.numbering import read_number
from telephony.trunks.trunk import Trunk
from telephony.trunks.trunk_call import TrunkCall
from telephony.trunks.trunk_line import TrunkLine
from telephony.trunks.trunk_route import route

_NUMBER = re.compile(r"\+?[0-9*#().\- ]{1,40}")
IN, OUT = "in", "out"


class SipTrunks:
    """place: where a dialog with (host, transport) lives. begun, ended: a dialog of an outgoing call comes, goes."""

    def __init__(
        self,
        conf: SipConf,
        place: Callable[[str, str], SipPlace],
        *,
        begun: Callable[[Dialog], None],
        ended: Callable[[Dialog], None],
        now_ms: Callable[[], int],
    ) -> None:
        self._conf = conf
        self._place = place
        self._begun = begun
        self._ended = ended
        self._learned: dict[str, str] = {}
        self._listed = lru_cache(HOSTS_REMEMBERED)(conf.trunk_at)
        self._of: dict[Dialog, tuple[TrunkLine, str]] = {}
        self._lines = {trunk.name: self._line(trunk, now_ms) for trunk in conf.trunks}

    def _line(self, trunk: Trunk, now_ms: Callable[[], int]) -> TrunkLine:
        outward = trunk.outward
        if outward is not None and is_numeric(outward.host):
            self._learned.setdefault(str(ip_address(outward.host)), trunk.name)
        place = self._place(outward.host, outward.transport) if outward else self._place("", "udp")
        return TrunkLine(trunk, place, learn=lambda host: self._learned.__setitem__(host, trunk.name), now_ms=now_ms)

    def start(self) -> None:
        for line in self._lines.values():
            line.start()

    def stop(self) -> None:
        """Unregister everywhere."""
        for line in self._lines.values():
            line.stop()

    def at(self, host: str) -> Trunk | None:
        """Whose address this is (bare): of the allow lists first, then of the servers. From any thread."""
        found = self._listed(host)
        if found is None and host in self._learned:
            return self._lines[self._learned[host]].trunk
        return found

    def report(self) -> tuple[TrunkReport, ...]:
        return tuple(
            TrunkReport(
                name=line.trunk.name,
                host=line.trunk.outward.host if line.trunk.outward else "",
                standing=line.health.standing.value,
                usable=line.health.is_usable,
                registered=line.health.registered,
                since_ms=line.since_ms,
                calls_in=line.calls_in,
                calls_out=line.calls_out,
            )
            for line in self._lines.values()
        )

    # Calls

    def is_full(self, name: str) -> bool:
        """Whether one more call from this trunk is too many."""
        line = self._lines[name]
        return line.trunk.most_in is not None and line.calls_in >= line.trunk.most_in

    def arrived(self, dialog: Dialog, name: str) -> None:
        """A call from this trunk was taken up."""
        self._count(dialog, self._lines[name], IN)

    def place_call(self, leg: Leg, number: str, placement: Placement) -> None:
        """Call a number outside (without `tel:`); 404 without a trunk for it, 503 when those are full."""
        if not _NUMBER.fullmatch(number):
            leg.end(by_remote=False, status=404, reason="no such number")
            return
        area_code = self._conf.general.area_code
        read = read_number(number, area_code)
        found = route(
            self._conf.trunks,
            read,
            {name: line.health for name, line in self._lines.items()},
            {name: line.calls_out for name, line in self._lines.items()},
        )
        if not found.trunks:
            leg.end(by_remote=False, status=found.status, reason=found.reason)
            return
        TrunkCall(
            leg,
            found.trunks,
            read,
            placement,
            area_code=area_code,
            place=self._place_of,
            taken=self._taken,
            left=self._left,
            failed=lambda trunk, status: self._lines[trunk.name].failed(status),
        ).start()

    def _place_of(self, trunk: Trunk) -> SipPlace:
        outward = trunk.outward
        place = self._place(outward.host, outward.transport) if outward else self._place("", "udp")
        return msgspec.structs.replace(place, codecs=trunk.codecs)

    def _taken(self, dialog: Dialog, trunk: Trunk) -> None:
        self._count(dialog, self._lines[trunk.name], OUT)
        self._begun(dialog)

    def _left(self, dialog: Dialog) -> None:
        self.release(dialog)
        self._ended(dialog)

    def _count(self, dialog: Dialog, line: TrunkLine, direction: str) -> None:
        self._of[dialog] = (line, direction)
        self._add(line, direction, 1)

    def release(self, dialog: Dialog) -> None:
        """The dialog is over; harmless for one that was on no trunk."""
        line, direction = self._of.pop(dialog, (None, ""))
        if line is not None:
            self._add(line, direction, -1)

    def _add(self, line: TrunkLine, direction: str, number: int) -> None:
        if direction == IN:
            line.calls_in += number
        else:
            line.calls_out += number
        TRUNK_CALLS.labels(line.trunk.name, direction).inc(number)
