"""Words of SIP messages in sippy's form: headers, bodies, option tags, and the answers that refuse."""

import random
import re
from typing import Any

import msgspec
from sippy.MsgBody import MsgBody
from sippy.SipAddress import SipAddress
from sippy.SipContact import SipContact
from sippy.SipGenericHF import SipGenericHF
from sippy.SipHeader import SipHeader
from sippy.SipURL import SipURL

from domain.errors import SipError
from telephony.ports import Codec, MediaDescription
from telephony.sip import sdp
from telephony.sip.session_timer import SessionLimits

ALLOWED = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER"
KNOWN_METHODS = frozenset({"UPDATE", "PRACK", "REFER", "NOTIFY", "SUBSCRIBE", "MESSAGE", "PUBLISH", "REGISTER"})
EXTENSIONS = ("100rel", "timer", "replaces", "norefersub")
"""Option tags (RFC 3261, 19.2) of what we can: RFC 3262, 4028, 3891, 4488."""
LONGEST_RETRY_AFTER_S = 10
RETRY_AFTER_S = "10"
"""Of a 503: we are full, or stop."""
SDP_TYPE = "application/sdp"
_COMPACT = {"supported": "k", "session-expires": "x"}
_WRITTEN = {"rseq": "RSeq", "rack": "RAck", "min-se": "Min-SE", "www-authenticate": "WWW-Authenticate"}
_REASON_UNFIT = re.compile(r'["\\\r\n]')


Answer = tuple[Any, Any, Any] | None
"""What sippy wants of a request's handler: (response, on CANCEL, on missing ACK), or None when it is answered."""


class SipPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a dialog lives. config: sippy's global configuration. host, port, transport: how the far end reaches us.

    sound_host: the address that its SDP shows instead of the one in our MediaDescription; "" leaves that.
    codecs: which may be spoken with this far end. session: how long calls live without a sign of life.
    """

    config: dict[str, Any]
    host: str
    port: int
    user_agent: str
    transport: str = "udp"
    sound_host: str = ""
    codecs: tuple[Codec, ...] = sdp.PREFERRED
    session: SessionLimits = SessionLimits()

    def sound(self, media: MediaDescription) -> MediaDescription:
        """Our sound as this far end shall see it."""
        return msgspec.structs.replace(media, address=self.sound_host) if self.sound_host else media

    def contact(self) -> Any:
        """Our Contact."""
        transport = None if self.transport == "udp" else self.transport
        url = SipURL(host=self.host, port=self.port, transport=transport)
        return SipContact(address=SipAddress(url=url, hadbrace=True))


class WrittenField(SipGenericHF):  # type: ignore[misc]  # sippy has no types
    """A header's value that leaves as it is, its name written as in the RFCs (sippy would write `Session-expires`)."""

    def getCanName(self, name: str, compact: bool = False) -> str:  # noqa: N802  # the name that sippy calls
        return _WRITTEN.get(name) or "-".join(part.capitalize() for part in name.split("-"))


def header(name: str, value: str) -> Any:
    """A header of ours. name: in any case."""
    return SipHeader(name=name, body=WrittenField(value))


def text_of(message: Any, name: str) -> str | None:
    """The first header of this name as it was written, None without one; its compact form counts too."""
    found = message.getHFs(name) or message.getHFs(_COMPACT.get(name, name))
    return str(found[0].body).strip() if found else None


def option_tags(message: Any, name: str) -> frozenset[str]:
    """The words of Supported, Require or Allow, in lower case."""
    found = [*message.getHFs(name), *(message.getHFs(_COMPACT[name]) if name in _COMPACT else ())]
    return frozenset(tag.strip().lower() for field in found for tag in str(field.body).split(",") if tag.strip())


def refuse_extensions(request: Any, place: SipPlace) -> Any:
    """420 when the request requires an extension that we lack (RFC 3261, 8.2.2.3); None when it does not."""
    lacking = sorted(option_tags(request, "require") - set(EXTENSIONS))
    if not lacking:
        return None
    return respond(request, place, 420, "Bad Extension", header("unsupported", ", ".join(lacking)))


def read_body(body: Any, codecs: tuple[Codec, ...] = sdp.PREFERRED) -> sdp.Agreement:
    """The audio of a message's body; SdpError when it is no SDP, NoCommonCodecError without one of `codecs`."""
    if body.getType() != SDP_TYPE:
        raise sdp.SdpError(f"the body is {body.getType()[:80]}", where="Content-Type", remedy="send application/sdp")
    return sdp.agree(sdp.parse(str(body)), codecs)


def respond(request: Any, place: SipPlace, status: int, reason: str, *headers: Any, body: str | None = None) -> Any:
    """A response in sippy's form."""
    response = request.genResponse(
        status, reason, body=MsgBody(body) if body is not None else None, server=place.user_agent
    )
    response.appendHeaders(list(headers))
    return response


def refuse_media(request: Any, place: SipPlace, error: SipError) -> Any:
    """400 for SDP that cannot be read, 488 for SDP without audio that we can do, with the reason in words."""
    # RFC 3261, 20.43: 305 is "incompatible media format".
    warning = header("warning", f'305 {place.host} "{_REASON_UNFIT.sub(" ", error.what)}"')
    if isinstance(error, sdp.NoCommonCodecError):
        return respond(request, place, 488, "Not Acceptable Here", warning)
    return respond(request, place, 400, "Bad Session Description", warning)


def retry_after() -> Any:
    """RFC 3261, 14.2: a random time of up to 10 s, so that both sides do not meet again."""
    return header("retry-after", str(random.randint(1, LONGEST_RETRY_AFTER_S)))


def capabilities(allowed: str = ALLOWED) -> tuple[Any, ...]:
    """The headers that tell what we can do."""
    return (
        header("allow", allowed),
        header("accept", f"{SDP_TYPE}, application/dtmf-relay"),
        header("supported", ", ".join(EXTENSIONS)),
    )


def refuse_method(request: Any, place: SipPlace, allowed: str = ALLOWED) -> Any:
    """405 for a method that SIP has and we do not, 501 for one that SIP has not."""
    if request.getMethod() in KNOWN_METHODS:
        return respond(request, place, 405, "Method Not Allowed", header("allow", allowed))
    return respond(request, place, 501, "Not Implemented", header("allow", allowed))
