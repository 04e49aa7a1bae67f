"""What browsers offer, and what they are answered."""

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import SipError
from telephony.browser.web_phone_sdp import OurSide, read_offer, write_answer

CHROMIUM = """v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=audio 53421 UDP/TLS/RTP/SAVPF 8 0 126 110
c=IN IP4 192.0.2.2
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1 1 udp 2122260223 192.0.2.2 53421 typ host generation 0 network-id 1
a=candidate:2 1 tcp 1518280447 192.0.2.2 9 typ host tcptype active generation 0 network-id 1
a=candidate:3 1 udp 2122194687 1f3a1d6e-9d5c-4b6c-8a53-0d3d9c5f2a11.local 41000 typ host generation 0
a=ice-ufrag:Vz8N
a=ice-pwd:n7ZtB3aC8Ysw4Ew2tXr0Qp5K
a=ice-options:trickle
a=fingerprint:sha-256 AA:BB:CC
a=setup:actpass
a=mid:0
a=sendrecv
a=rtcp-mux
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:126 telephone-event/8000
a=rtpmap:110 telephone-event/48000
"""
OURS = OurSide(
    user="abcd",
    password="p" * 22,
    fingerprint=("sha-256", "11:22"),
    candidates=("1 1 udp 2130706431 127.0.0.1 40000 typ host",),
    ssrc=4711,
)


def test_a_browsers_offer_is_read():
    offer = read_offer(CHROMIUM.replace("\n", "\r\n"))
    assert (offer.mid, offer.user, offer.password) == ("0", "Vz8N", "n7ZtB3aC8Ysw4Ew2tXr0Qp5K")
    assert offer.fingerprints == (("sha-256", "AA:BB:CC"),)
    assert offer.candidates == ("1 1 udp 2122260223 192.0.2.2 53421 typ host generation 0 network-id 1",)
    assert offer.digits_payload == 126


def test_the_answer_has_one_audio_section_with_a_law_and_keys():
    answer = SessionDescription.parse(write_answer(read_offer(CHROMIUM), OURS))
    (audio,) = answer.media
    assert audio.fmt == [8, 126]
    assert [codec.mimeType for codec in audio.rtp.codecs] == ["audio/PCMA", "audio/telephone-event"]
    assert (audio.direction, audio.rtcp_mux, audio.rtp.muxId) == ("sendrecv", True, "0")
    assert audio.ice is not None
    assert (audio.ice.usernameFragment, audio.ice_candidates[0].port) == ("abcd", 40000)
    assert audio.dtls is not None
    assert audio.dtls.role == "client"


def test_without_telephone_events_there_are_none_in_the_answer():
    offer = read_offer(CHROMIUM.replace("a=rtpmap:126 telephone-event/8000\n", ""))
    assert offer.digits_payload is None
    assert "telephone-event" not in write_answer(offer, OURS)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("", "no audio"),
        (CHROMIUM.replace("m=audio", "m=video"), "no audio"),
        (CHROMIUM.replace("SAVPF 8 0", "SAVPF 111 0"), "no G.711 A-law"),
        (CHROMIUM.replace("a=fingerprint", "a=finger"), "no ICE or DTLS"),
        (CHROMIUM.replace("a=ice-pwd", "a=pwd"), "no ICE or DTLS"),
        (CHROMIUM + "a=x\n" * 10_000, "too long"),
    ],
)
def test_offers_that_cannot_be_answered_are_refused_in_words(wrong, says):
    with pytest.raises(SipError, match=says):
        read_offer(wrong)


@given(st.integers(0, len(CHROMIUM)), st.integers(0, 40), st.text(max_size=20))
def test_damaged_offers_are_read_or_refused(at, length, instead):
    damaged = CHROMIUM[:at] + instead + CHROMIUM[at + length :]
    try:
        offer = read_offer(damaged)
    except SipError:
        return
    assert write_answer(offer, OURS).startswith("v=0\r\n")
