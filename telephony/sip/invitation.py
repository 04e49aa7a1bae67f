"""An INVITE outside dialogs, judged on sippy's thread: who sends it, with what sound, for how long, in whose place."""

import time
from typing import Any

import msgspec
import structlog

from domain.errors import SipError
from domain.privacy import mask_number
from telephony.ports import Codec
from telephony.sip import sdp, session_timer
from telephony.sip.addresses import bare
from telephony.sip.admission import Admission, Admitted, Refused
from telephony.sip.message import SipPlace, header, read_body, refuse_media, respond
from telephony.sip.metrics import TRUNK_REFUSED
from telephony.sip.replaces import Replaces, read_replaces
from telephony.sip.session import words_of
from telephony.sip.session_timer import Grant, TooBrief
from telephony.sip.told import told_of
from telephony.trunks.trunks import SipTrunks

logger = structlog.get_logger()
Identity = tuple[str, str, int]
"""Call-ID, tag of the caller and CSeq: what makes two INVITEs the same call (RFC 3261, 8.2.2.2)."""


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """One that may become a call. agreement: what we take of its offer, None when the offer is delayed.

    behind_nat: where requests to the caller go in spite of its Contact. replaces: the call whose place it takes.
    """

    admitted: Admitted
    agreement: sdp.Agreement | None
    grant: Grant | None
    behind_nat: tuple[str, int] | None
    replaces: Replaces | None

    @property
    def codecs(self) -> tuple[Codec, ...]:
        """Which may be spoken with the caller."""
        return self.admitted.line.codecs if self.admitted.line else sdp.PREFERRED


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """response: in sippy's form."""

    response: Any


class Invitations:
    """What an INVITE is judged by."""

    def __init__(self, place: SipPlace, admission: Admission, trunks: SipTrunks) -> None:
        self._place = place
        self._admission = admission
        self._trunks = trunks

    def judge(self, request: Any) -> Invitation | Refusal:
        """The call that it may become, or how it is refused."""
        admitted = self._admit(request)
        if isinstance(admitted, Refusal):
            return admitted
        fields = request.getHFs("replaces")
        replaces = read_replaces(str(fields[0].body)) if len(fields) == 1 else None
        if fields and replaces is None:
            return self._refusal(request, 400, "Unusable Replaces")
        invitation = Invitation(
            admitted=admitted, agreement=None, grant=None, behind_nat=behind_nat(request), replaces=replaces
        )
        body = request.getBody()
        try:
            agreement = None if body is None else read_body(body, invitation.codecs)
        except SipError as error:
            logger.info("call without usable sound refused", error=error.what, where=error.where)
            return Refusal(response=refuse_media(request, self._place, error))
        grant = session_timer.grant(words_of(request), self._place.session)
        if isinstance(grant, TooBrief):
            least = header("min-se", str(grant.min_s))
            return self._refusal(request, 422, "Session Interval Too Small", least)
        return msgspec.structs.replace(invitation, agreement=agreement, grant=grant)

    def _admit(self, request: Any) -> Admitted | Refusal:
        told, source = told_of(request), bare(request.getSource()[0])
        credentials = request.getHFs("proxy-authorization")
        admitted = self._admission.call(
            source_host=source,
            told=told,
            credentials=str(credentials[0].body) if credentials else None,
            now_s=time.monotonic(),
        )
        if isinstance(admitted, Refused):
            challenges = [header("proxy-authenticate", challenge) for challenge in admitted.challenges]
            if not challenges:
                logger.info("call refused", pii_caller=mask_number(told.sender), source=source, status=admitted.status)
            return self._refusal(request, admitted.status, admitted.reason, *challenges)
        if admitted.line is not None and self._trunks.is_full(admitted.line.name):
            TRUNK_REFUSED.labels(admitted.line.name).inc()
            logger.warning("call over the trunk's limit refused", trunk=admitted.line.name)
            return self._refusal(request, 486, "Busy Here")
        return admitted

    def _refusal(self, request: Any, status: int, reason: str, *headers: Any) -> Refusal:
        return Refusal(response=respond(request, self._place, status, reason, *headers))


def identity_of(request: Any) -> Identity:
    """Of an INVITE."""
    tag = request.getHFBody("from").getTag()
    return str(request.getHFBody("call-id")), str(tag), request.getHFBody("cseq").getCSeqNum()


def behind_nat(request: Any) -> tuple[str, int] | None:
    """Where an INVITE came from when no proxy stands between: its Contact is another host, or it has a connection."""
    source: tuple[str, int] = request.getSource()
    url = request.getHFBody("contact").getUrl()
    proxied = request.countHFs("via") > 1 or request.countHFs("record-route") > 0
    connected = request.getSource(2)[1] != "udp"
    return source if not proxied and (connected or str(url.host) != source[0]) else None
