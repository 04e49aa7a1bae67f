"""SDP for one telephone audio stream: read an offer or answer, agree on a codec, write ours (RFC 4566, RFC 3264).

A session is kept as its media lines, because an answer must refuse every line of the offer that it does not take,
in the offer's order.
"""

from typing import NoReturn

import msgspec

from domain.errors import SipError
from telephony.ports import Codec, MediaDescription

STATIC_PAYLOADS = {"0": "PCMU/8000", "8": "PCMA/8000", "9": "G722/8000"}
"""RFC 3551, table 4; G.722 has the clock 8,000 there by an old mistake that all keep."""
STATIC_NUMBERS = {Codec.PCMU: 0, Codec.PCMA: 8, Codec.G722: 9}
DIGITS_ENCODING = "TELEPHONE-EVENT/8000"
DEFAULT_PTIME_MS = 20
OUR_PTIMES_MS = (10, 20, 30, 40, 50, 60)
MAX_LINES = 500
PREFERRED = (Codec.PCMA, Codec.PCMU, Codec.G722)
"""G.722 comes last: it is worth its translation only where the other side of the call speaks it too."""


class SdpError(SipError):
    """A session description that cannot be read (answer 400)."""


class NoCommonCodecError(SipError):
    """A readable session description without audio that we can do (answer 488)."""


class MediaLine(msgspec.Struct, frozen=True, kw_only=True):
    """One `m=` section. encodings: payload type → NAME/RATE in capitals; sends, receives as in MediaDescription."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    encodings: dict[str, str]
    address: str
    ptime_ms: int
    longest_ptime_ms: int
    sends: bool
    receives: bool


class SessionDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What the other side said."""

    lines: tuple[MediaLine, ...]


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The line we take of a session, and the other side's audio on it. session: what it was chosen from."""

    session: SessionDescription
    line: int
    media: MediaDescription


class _Section:
    """An `m=` section (or the session part before the first) while it is read."""

    def __init__(self, parent: "_Section | None" = None) -> None:
        self.kind = ""
        self.port = 0
        self.protocol = ""
        self.formats: tuple[str, ...] = ()
        self.encodings: dict[str, str] = {}
        self.address: str = parent.address if parent else ""
        self.ptime_ms: int = parent.ptime_ms if parent else DEFAULT_PTIME_MS
        self.longest_ptime_ms: int = parent.longest_ptime_ms if parent else OUR_PTIMES_MS[-1]
        self.sends: bool = parent.sends if parent else True
        self.receives: bool = parent.receives if parent else True

    def freeze(self) -> MediaLine:
        on_hold = self.address in ("0.0.0.0", "::")  # noqa: S104  # the hold of RFC 2543, not an address to bind
        return MediaLine(
            kind=self.kind,
            port=self.port,
            protocol=self.protocol,
            formats=self.formats,
            encodings=self.encodings,
            address=self.address,
            ptime_ms=self.ptime_ms,
            longest_ptime_ms=self.longest_ptime_ms,
            sends=self.sends,
            receives=self.receives and not on_hold,
        )


def parse(text: str) -> SessionDescription:
    """The session that `text` describes; SdpError names the line that is wrong."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MAX_LINES:
        _refuse(f"{len(lines)} lines are too many", MAX_LINES)
    session = _Section()
    sections: list[_Section] = []
    seen_version = False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        kind, separator, value = line.partition("=")
        if len(kind) != 1 or not separator:
            _refuse("not of the form x=value", number)
        seen_version = seen_version or (kind == "v" and value.strip() == "0")
        if not seen_version:
            _refuse("the first line must be v=0", number)
        if kind == "m":
            sections.append(_Section(session))
            _read_media(sections[-1], value, number)
        elif kind == "c":
            (sections[-1] if sections else session).address = _read_address(value, number)
        elif kind == "a":
            _read_attribute(sections[-1] if sections else session, value, number)
    if not sections:
        _refuse("there is no m= line", len(lines))
    return SessionDescription(lines=tuple(section.freeze() for section in sections))


def _refuse(what: str, line: int) -> NoReturn:
    raise SdpError(f"malformed SDP: {what}", where=f"SDP line {line}", remedy="mend the phone's session description")


def _number(text: str, limit: int, what: str, line: int) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > limit:
        _refuse(f"{what} is not a number up to {limit}", line)
    return int(text)


def _read_media(section: _Section, value: str, line: int) -> None:
    parts = value.split()
    if len(parts) < 4:
        _refuse("m= needs kind, port, protocol and formats", line)
    section.kind = parts[0].lower()
    section.port = _number(parts[1].partition("/")[0], 65535, "the port", line)
    section.protocol = parts[2].upper()
    section.formats = tuple(parts[3:])
    if section.protocol.startswith("RTP/"):
        for payload in section.formats:
            _number(payload, 127, "the payload type", line)


def _read_address(value: str, line: int) -> str:
    parts = value.split()
    if len(parts) != 3 or parts[0].upper() != "IN" or parts[1].upper() not in ("IP4", "IP6"):
        _refuse("c= needs IN, IP4 or IP6, and an address", line)
    return parts[2].partition("/")[0]


def _read_attribute(section: _Section, value: str, line: int) -> None:
    name, _, rest = value.strip().partition(":")
    if name == "rtpmap":
        payload, _, encoding = rest.strip().partition(" ")
        _number(payload, 127, "the payload type of rtpmap", line)
        name_and_rate = encoding.strip().upper().split("/")
        if len(name_and_rate) < 2:
            _refuse("rtpmap needs NAME/RATE", line)
        section.encodings[payload] = "/".join(name_and_rate[:2])
    elif name == "ptime":
        section.ptime_ms = _number(rest.strip().partition(".")[0], 1000, "ptime", line)
    elif name == "maxptime":
        section.longest_ptime_ms = _number(rest.strip().partition(".")[0], 1000, "maxptime", line)
    elif name in ("sendrecv", "sendonly", "recvonly", "inactive"):
        section.sends = name in ("sendrecv", "sendonly")
        section.receives = name in ("sendrecv", "recvonly")


def agree(session: SessionDescription, codecs: tuple[Codec, ...] = PREFERRED) -> Agreement:
    """The first audio line with a codec of ours; of its codecs the one that the other side names first.

    G.722 is taken where it is the first of `codecs`, or where there is nothing else.
    NoCommonCodecError when there is none.
    """
    for index, line in enumerate(session.lines):
        if line.kind != "audio" or line.protocol not in ("RTP/AVP", "RTP/AVPF") or not line.port or not line.address:
            continue
        media = _audio(line, codecs)
        if media is not None:
            return Agreement(session=session, line=index, media=media)
    offered = ", ".join(
        f"{line.kind} {line.protocol} {' '.join(line.encodings.get(f, f) for f in line.formats)}"
        for line in session.lines
    )
    raise NoCommonCodecError(
        "no common codec", where=f"SDP with {offered[:200]}", remedy="enable G.711 A-law or mu-law over RTP/AVP"
    )


def _audio(line: MediaLine, codecs: tuple[Codec, ...]) -> MediaDescription | None:
    encodings = {payload: line.encodings.get(payload, STATIC_PAYLOADS.get(payload, "")) for payload in line.formats}
    names = {f"{codec}/8000": codec for codec in codecs}
    common = [p for p, encoding in encodings.items() if encoding in names]
    if not common:
        return None
    payload = min(common, key=lambda p: _reluctance(names[encodings[p]], codecs))
    digits = next((int(p) for p, encoding in encodings.items() if encoding == DIGITS_ENCODING), None)
    return MediaDescription(
        address=line.address,
        port=line.port,
        codec=names[encodings[payload]],
        payload=int(payload),
        digits_payload=digits,
        ptime_ms=_ptime_ms(line),
        sends=line.sends,
        receives=line.receives,
    )


def _reluctance(codec: Codec, codecs: tuple[Codec, ...]) -> int:
    """Of codecs with the same number the other side's order decides."""
    wide_first = codecs[0] is Codec.G722
    return int((codec is Codec.G722) != wide_first)


def _ptime_ms(line: MediaLine) -> int:
    """The packet length that the other side wishes: the longest of ours up to it, 20 ms where that is none."""
    wished_ms = min(line.ptime_ms, line.longest_ptime_ms)
    return max((ours for ours in OUR_PTIMES_MS if ours <= wished_ms), default=DEFAULT_PTIME_MS)


def read(text: str) -> Agreement:
    """`parse` and `agree`."""
    return agree(parse(text))


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Our `o=` line: session_id stays for the whole dialog, version rises with each description that differs."""

    session_id: int
    version: int = 1


def write_offer(local: MediaDescription, origin: Origin, codecs: tuple[Codec, ...] = PREFERRED) -> str:
    """Our side, with all of `codecs` (the local one first, if it is among them): the answer decides.

    G.722 only where it is the local one, because the other side of the call speaks it: else some phones would choose it
    for nothing.
    """
    first = [local.codec] if local.codec in codecs else []
    narrow = [codec for codec in codecs if codec is not Codec.G722]
    payloads = {codec: STATIC_NUMBERS[codec] for codec in (*first, *narrow)}
    if first:
        payloads[local.codec] = local.payload
    return _write(local, origin, [_audio_lines(local, payloads)])


def write_answer(agreement: Agreement, local: MediaDescription, origin: Origin) -> str:
    """Our side of `agreement`: its codec, digits payload and packet length, every other line refused.

    The direction is the offer's mirrored, and never more than `local` has (RFC 3264, 6.1).
    """
    remote = agreement.media
    ours = msgspec.structs.replace(
        local,
        codec=remote.codec,
        payload=remote.payload,
        digits_payload=remote.digits_payload,
        ptime_ms=remote.ptime_ms,
        sends=local.sends and remote.receives,
        receives=local.receives and remote.sends,
    )
    sections = [
        _audio_lines(ours, {ours.codec: ours.payload}, line.protocol)
        if index == agreement.line
        else [f"m={line.kind} 0 {line.protocol} {' '.join(line.formats)}"]
        for index, line in enumerate(agreement.session.lines)
    ]
    return _write(ours, origin, sections)


def _audio_lines(media: MediaDescription, payloads: dict[Codec, int], protocol: str = "RTP/AVP") -> list[str]:
    numbers = [*payloads.values(), *([] if media.digits_payload is None else [media.digits_payload])]
    lines = [f"m=audio {media.port} {protocol} {' '.join(map(str, numbers))}"]
    lines += [f"a=rtpmap:{payload} {codec}/8000" for codec, payload in payloads.items()]
    if media.digits_payload is not None:
        lines += [f"a=rtpmap:{media.digits_payload} telephone-event/8000", f"a=fmtp:{media.digits_payload} 0-15"]
    direction = {(True, True): "sendrecv", (True, False): "sendonly", (False, True): "recvonly"}
    return [*lines, f"a=ptime:{media.ptime_ms}", f"a={direction.get((media.sends, media.receives), 'inactive')}"]


def _write(media: MediaDescription, origin: Origin, sections: list[list[str]]) -> str:
    family = "IP6" if ":" in media.address else "IP4"
    head = [
        "v=0",
        f"o=- {origin.session_id} {origin.version} IN {family} {media.address}",
        "s=-",
        f"c=IN {family} {media.address}",
        "t=0 0",
    ]
    return "".join(f"{line}\r\n" for line in [*head, *(line for section in sections for line in section)])
