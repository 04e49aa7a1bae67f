"""What answers SIP on sippy's thread: requests outside dialogs, and the table of the dialogs that are up."""

import re
import secrets
import time
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
import structlog
from sippy.SipConf import MyAddress, MyPort
from sippy.SipConf import SipConf as SippyConf
from sippy.SipURL import SipURL
from sippy.Time.MonoTime import MonoTime
from sippy.Time.Timeout import Timeout

from telephony.ports import Codec, InboundCall
from telephony.sip import sdp
from telephony.sip.addresses import bare, bracketed
from telephony.sip.admission import EXTENSION, Admission
from telephony.sip.conf import SipConf
from telephony.sip.dialog import Dialog
from telephony.sip.identity_uris import teach_sippy
from telephony.sip.inbound import InboundDialog
from telephony.sip.invitation import Identity, Invitation, Invitations, Refusal, identity_of
from telephony.sip.leg import Leg
from telephony.sip.message import (
    RETRY_AFTER_S,
    Answer,
    SipPlace,
    capabilities,
    header,
    refuse_extensions,
    refuse_method,
    respond,
)
from telephony.sip.metrics import LEGS, REFUSED, REQUESTS
from telephony.sip.outbound import Destination, OutboundDialog, Placement
from telephony.sip.phones import Phones
from telephony.sip.ports import SipPorts
from telephony.sip.replaces import Replaces
from telephony.sip.thread import fault_log
from telephony.sip.transactions import Transactions
from telephony.trunks.trunks import SipTrunks

OUTSIDE = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER"
PARTING_CHECK_S = 0.02
_TARGET = re.compile(
    r"sip:(?:[^@:;<>\s]+@)?(?:[\w.-]+|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?(?:;[^<>\s]*)?", re.IGNORECASE | re.ASCII
)

logger = structlog.get_logger()


class SilentLog:
    """Has the form of sippy's logger, which would write every message, with its numbers, to a file."""

    def write(self, *_: object, **__: object) -> None:
        """Nothing."""


class OurHost(MyAddress):  # type: ignore[misc]  # sippy has no types
    """Stands for our host in a message until its way is known (`my` tells sippy so). str: what it is without a way."""

    def __init__(self, host: str) -> None:
        self._host = host

    def __str__(self) -> str:
        return self._host


class Owner(Protocol):
    """The endpoint, as seen from sippy's thread."""

    def new_leg(self, sip_call_id: str) -> Leg:
        """A leg for a call that comes in."""

    def arrived(self, call: InboundCall, leg: Leg) -> None:
        """An INVITE was taken up."""


class SipUserAgent:
    """Everything here runs on sippy's thread."""

    def __init__(
        self,
        place: SipPlace,
        ports: SipPorts,
        conf: SipConf,
        owner: Owner,
        *,
        now_ms: Callable[[], int],
        max_legs: int,
    ) -> None:
        self._place = place
        self._ports = ports
        self._owner = owner
        self._now_ms = now_ms
        self._max_legs = max_legs
        self._dialogs: dict[Dialog, Identity | None] = {}
        self._identities: set[Identity] = set()
        self._stopping = False
        self.phones: Phones | None = None
        teach_sippy()
        SippyConf.my_address, SippyConf.my_port = OurHost(place.host), MyPort(place.port)
        SippyConf.my_uaname = place.user_agent
        place.config.update(_sip_address=place.host, _sip_port=place.port, _sip_logger=SilentLog())
        self.transactions = Transactions(place.config, ports.towards, self._on_request, place.user_agent)
        place.config["_sip_tm"] = self.transactions
        self.trunks = SipTrunks(conf, self._place_towards, begun=self._begun, ended=self._forget, now_ms=now_ms)
        self.admission = Admission(conf, secrets.token_bytes(32), self.trunks.at)

    def _place_towards(self, host: str, transport: str = "udp", codecs: tuple[Codec, ...] = sdp.PREFERRED) -> SipPlace:
        """Where a dialog with this peer lives: by which addresses of ours it reaches us."""
        return msgspec.structs.replace(
            self._place,
            host=bracketed(self._ports.sip_hosts.towards(host)),
            sound_host=self._ports.sound_hosts.towards(host),
            transport=transport,
            codecs=codecs,
        )

    # Commands

    def place_call(self, leg: Leg, target: str, placement: Placement) -> None:
        """Ring `target`; whatever stands against it is told through the leg."""
        if self._stopping:
            leg.end(by_remote=False, status=503, reason="switch stops")
            return
        scheme, _, number = target.partition(":")
        if scheme.lower() == "tel":
            self.trunks.place_call(leg, number.partition(";")[0], placement)
            return
        outside = scheme.lower() == "sip"
        if outside and not _TARGET.fullmatch(target):
            leg.end(by_remote=False, status=404, reason="no such target")
            return
        destination = self._outside(target) if outside else self._inside(target)
        if destination is None:
            leg.end(by_remote=False, status=480, reason="not registered")
            return
        place = self._place_towards(destination.address[0], destination.transport)
        phone = "" if outside else target
        dialog = OutboundDialog(place, leg, destination, placement, self._forget, phone=phone)
        dialog.named = self._named
        self._begun(dialog)
        dialog.start()

    def _begun(self, dialog: Dialog) -> None:
        self._dialogs[dialog] = None
        LEGS.labels("outbound").inc()

    def _inside(self, extension: str) -> Destination | None:
        return self.phones.find(extension) if self.phones else None

    def _outside(self, target: str) -> Destination:
        url = SipURL(target)
        transport = (url.transport or "udp").lower()
        return Destination(uri=str(url), address=(str(url.host), int(url.port or 5060)), transport=transport)

    def leave(self, done: Callable[[], None], deadline_s: float) -> None:
        """Hang up what is left; `done` is called when the far ends have answered, or after deadline_s."""
        self._stopping = True
        self.trunks.stop()
        for dialog in tuple(self._dialogs):
            dialog.hang_up()
        self._await_parting(done, time.monotonic() + deadline_s)

    def _await_parting(self, done: Callable[[], None], until_s: float) -> None:
        if self.transactions.is_idle or time.monotonic() >= until_s:
            done()
        else:
            Timeout(self._await_parting, PARTING_CHECK_S, 1, done, until_s)

    def close(self) -> None:
        """The last call: sippy's timers of this endpoint end here."""
        if self.phones is not None:
            self.phones.close()
        self.transactions.shutdown()

    # Requests outside dialogs

    def _on_request(self, request: Any, transaction: Any) -> Answer:
        try:
            return self._answer(request, transaction)
        except Exception:
            fault_log.report("a request could not be handled")
            return respond(request, self._place, 500, "Server Internal Error"), None, None

    def _answer(self, request: Any, transaction: Any) -> Answer:
        method = request.getMethod()
        if request.getHFBody("to").getTag() is not None:
            return respond(request, self._place, 481, "Call/Transaction Does Not Exist"), None, None
        REQUESTS.labels(method if method in OUTSIDE else "other").inc()
        refused = refuse_extensions(request, self._place)
        if refused is not None:
            return refused, None, None
        if method == "INVITE":
            return self._invite(request, transaction)
        if method == "REGISTER" and self.phones is not None:
            return self.phones.receive(request), None, None
        if method == "OPTIONS":
            return respond(request, self._place, 200, "OK", *capabilities(OUTSIDE)), None, None
        return refuse_method(request, self._place, OUTSIDE), None, None

    def _invite(self, request: Any, transaction: Any) -> Answer:
        refusal = self._unfit(request)
        if refusal is not None:
            return self._refuse(refusal)
        judged = Invitations(self._place, self.admission, self.trunks).judge(request)
        if isinstance(judged, Refusal):
            return self._refuse(judged.response)
        if judged.replaces is not None:
            return self._take_over(request, transaction, judged, judged.replaces)
        return self._open(request, transaction, judged)

    def _unfit(self, request: Any) -> Any:
        """A refusal of an INVITE that cannot become a dialog; None when it can."""
        if request.countHFs("contact") == 0 or request.getHFBody("contact").asterisk:
            return respond(request, self._place, 400, "Contact Is Missing")
        if request.getHFBody("from").getTag() is None:
            return respond(request, self._place, 400, "From Tag Is Missing")
        if identity_of(request) in self._identities:
            return respond(request, self._place, 482, "Merged Request")
        if self._stopping or len(self._dialogs) >= self._max_legs:
            return respond(request, self._place, 503, "Service Unavailable", header("retry-after", RETRY_AFTER_S))
        return None

    def _refuse(self, response: Any) -> Answer:
        REFUSED.labels("INVITE", str(response.getSCode()[0])).inc()
        return response, None, None

    def _open(self, request: Any, transaction: Any, invitation: Invitation) -> Answer:
        leg = self._owner.new_leg(str(request.getHFBody("call-id")))
        _, answer = self._dialog_of(request, transaction, invitation, leg)
        admitted, agreement = invitation.admitted, invitation.agreement
        call = InboundCall(
            caller_number=admitted.caller,
            called_number=admitted.called,
            trunk=admitted.trunk,
            diverted_from=admitted.diverted_from,
            sip_call_id=leg.sip_call_id,
            arrived_at_ms=self._now_ms() - int((MonoTime().monot - request.rtime.monot) * 1000),
            media=agreement.media if agreement else None,
        )
        self._owner.arrived(call, leg)
        return answer

    def _dialog_of(
        self, request: Any, transaction: Any, invitation: Invitation, leg: Leg
    ) -> tuple[InboundDialog, Answer]:
        (host, _), transport = request.getSource(2)
        place = self._place_towards(bare(host), transport, invitation.codecs)
        admitted = invitation.admitted
        phone = admitted.caller if admitted.trunk == EXTENSION else ""
        dialog = InboundDialog(place, leg, invitation.agreement, self._forget, phone=phone, grant=invitation.grant)
        dialog.named = self._named
        answer = dialog.open(request, transaction, behind_nat=invitation.behind_nat)
        self._dialogs[dialog] = identity = identity_of(request)
        self._identities.add(identity)
        LEGS.labels("inbound").inc()
        if admitted.line is not None:
            self.trunks.arrived(dialog, admitted.line.name)
        return dialog, answer

    def _take_over(self, request: Any, transaction: Any, invitation: Invitation, replaces: Replaces) -> Answer:
        """RFC 3891: a phone of ours takes another's place in its call; the owner hears only that the sound moves."""
        old = self._named(replaces)
        agreement = invitation.agreement
        if invitation.admitted.trunk != EXTENSION:
            return self._refuse(respond(request, self._place, 403, "Forbidden"))
        if old is None or not old.may_be_replaced:
            return self._refuse(respond(request, self._place, 481, "No Such Call"))
        if replaces.early_only and old.is_up:
            return self._refuse(respond(request, self._place, 486, "Busy Here"))
        if agreement is None:
            return self._refuse(respond(request, self._place, 488, "An Offer Is Needed To Replace A Call"))
        leg = old.give_up_leg(self._owner.new_leg(replaces.call_id))
        leg.sip_call_id = str(request.getHFBody("call-id"))
        dialog, answer = self._dialog_of(request, transaction, invitation, leg)
        dialog.stand_in(old, agreement.media)
        old.hang_up()
        return answer

    def _named(self, replaces: Replaces) -> Dialog | None:
        return next((dialog for dialog in self._dialogs if dialog.is_named(replaces)), None)

    def _forget(self, dialog: Dialog) -> None:
        if dialog not in self._dialogs:
            return
        identity = self._dialogs.pop(dialog)
        self.trunks.release(dialog)
        LEGS.labels("outbound" if identity is None else "inbound").dec()
        if identity is not None:
            self._identities.discard(identity)
