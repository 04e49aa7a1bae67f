"""SDP of a browser telephone: what we read out of a browser's offer, and our answer to it, pure.

One audio section, G.711 A-law and telephone-events only (RFC 7874 obliges every browser to have both), so nothing is
transcoded; RTP and RTCP on one port (RFC 5761), keys by DTLS-SRTP (RFC 5763, RFC 5764), ICE with host candidates.
"""

import re

import msgspec
from aioice import Candidate

from domain.errors import SipError

PCMA_PAYLOAD = 8
LONGEST_OFFER = 20_000
_REMEDY = "use a current Chromium, Edge or Firefox, and load the page anew"


class BrowserOffer(msgspec.Struct, frozen=True, kw_only=True):
    """mid: of the audio section. digits_payload: of telephone-event at 8 kHz, None without."""

    mid: str
    user: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    candidates: tuple[str, ...]
    digits_payload: int | None


class OurSide(msgspec.Struct, frozen=True, kw_only=True):
    """What our answer says of us. candidates: as in a=candidate."""

    user: str
    password: str
    fingerprint: tuple[str, str]
    candidates: tuple[str, ...]
    ssrc: int


def read_offer(sdp: str) -> BrowserOffer:
    """SipError when it is none that we can answer."""
    if len(sdp) > LONGEST_OFFER:
        raise SipError("488: the browser's offer is too long", where="web phone offer", remedy=_REMEDY)
    session, _, rest = sdp.replace("\r\n", "\n").partition("\nm=")
    section = next((part for part in ("\nm=" + rest).split("\nm=") if part.startswith("audio ")), "")
    if not section:
        raise SipError("488: the browser offers no audio", where="web phone offer", remedy=_REMEDY)
    lines = [*session.splitlines(), *section.splitlines()]
    payloads = section.split("\n", 1)[0].split()[3:]
    if str(PCMA_PAYLOAD) not in payloads:
        raise SipError("488: the browser offers no G.711 A-law", where="web phone offer", remedy=_REMEDY)
    fingerprints = tuple(
        (algorithm, value) for algorithm, _, value in (f.partition(" ") for f in _all(lines, "fingerprint")) if value
    )
    user, password = _one(lines, "ice-ufrag"), _one(lines, "ice-pwd")
    if not (fingerprints and user and password):
        raise SipError(
            "488: the browser's offer has no ICE or DTLS parameters", where="web phone offer", remedy=_REMEDY
        )
    digits = next((found[1] for found in (_DIGITS.fullmatch(value) for value in _all(lines, "rtpmap")) if found), None)
    return BrowserOffer(
        mid=_one(lines, "mid") or "0",
        user=user,
        password=password,
        fingerprints=fingerprints,
        candidates=tuple(value for value in _all(lines, "candidate") if _is_usable(value)),
        digits_payload=int(digits) if digits in payloads else None,
    )


_DIGITS = re.compile(r"([0-9]{1,3}) telephone-event/8000", re.IGNORECASE)


def _all(lines: list[str], name: str) -> list[str]:
    head = f"a={name}:"
    return [line.removeprefix(head).strip() for line in lines if line.startswith(head)]


def _one(lines: list[str], name: str) -> str:
    return next(iter(_all(lines, name)[-1:]), "")


def _is_usable(text: str) -> bool:
    """UDP with an address; names (mDNS, before the microphone is allowed) and TCP are of no use to us."""
    try:
        candidate = Candidate.from_sdp(text)
    except (ValueError, IndexError):
        return False
    return candidate.transport.lower() == "udp" and not candidate.host.endswith(".local")


def write_answer(offer: BrowserOffer, ours: OurSide) -> str:
    """Our side; the browser is told to send nothing but A-law in packets of 20 ms, and keys."""
    payloads = [PCMA_PAYLOAD] + ([offer.digits_payload] if offer.digits_payload is not None else [])
    lines = [
        "v=0",
        "o=hotline 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {offer.mid}",
        "a=msid-semantic: WMS *",
        f"m=audio 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, payloads))}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{offer.mid}",
        "a=sendrecv",
        "a=rtcp-mux",
        f"a=rtpmap:{PCMA_PAYLOAD} PCMA/8000",
        *(f"a=rtpmap:{payload} telephone-event/8000" for payload in payloads[1:]),
        *(f"a=fmtp:{payload} 0-15" for payload in payloads[1:]),
        "a=ptime:20",
        f"a=ice-ufrag:{ours.user}",
        f"a=ice-pwd:{ours.password}",
        f"a=fingerprint:{ours.fingerprint[0]} {ours.fingerprint[1]}",
        "a=setup:active",
        "a=msid:hotline voice",
        f"a=ssrc:{ours.ssrc} cname:hotline",
        *(f"a=candidate:{candidate}" for candidate in ours.candidates),
        "a=end-of-candidates",
    ]
    return "\r\n".join(lines) + "\r\n"
