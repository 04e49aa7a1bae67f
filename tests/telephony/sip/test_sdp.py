import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.ports import Codec, MediaDescription
from telephony.sip import sdp

OFFER = """v=0
o=- 1 1 IN IP4 192.0.2.7
s=-
c=IN IP4 192.0.2.7
t=0 0
m=audio 4000 RTP/AVP 18 8 0 96
a=rtpmap:18 G729/8000
a=rtpmap:96 telephone-event/8000
a=fmtp:96 0-15
a=ptime:20
"""
OURS = MediaDescription(address="192.0.2.1", port=20000, codec=Codec.PCMA, payload=8)
ORIGIN = sdp.Origin(session_id=7)


def test_the_first_codec_of_ours_is_taken_with_the_callers_digits() -> None:
    media = sdp.read(OFFER).media
    assert media == MediaDescription(
        address="192.0.2.7", port=4000, codec=Codec.PCMA, payload=8, digits_payload=96, ptime_ms=20
    )


def test_static_payload_types_need_no_rtpmap() -> None:
    media = sdp.read("v=0\nc=IN IP4 192.0.2.7\nm=audio 4000 RTP/AVP 0\n").media
    assert (media.codec, media.payload, media.digits_payload) == (Codec.PCMU, 0, None)


def test_a_dynamic_payload_type_is_kept() -> None:
    media = sdp.read("v=0\nc=IN IP4 192.0.2.7\nm=audio 4000 RTP/AVP 107\na=rtpmap:107 pcma/8000/1\n").media
    assert (media.codec, media.payload) == (Codec.PCMA, 107)


def test_the_address_of_the_media_line_wins() -> None:
    media = sdp.read(OFFER + "c=IN IP4 192.0.2.99\n").media
    assert media.address == "192.0.2.99"


@pytest.mark.parametrize(
    ("attribute", "sends", "receives", "answer"),
    [
        ("sendrecv", True, True, "sendrecv"),
        ("sendonly", True, False, "recvonly"),
        ("recvonly", False, True, "sendonly"),
        ("inactive", False, False, "inactive"),
    ],
)
def test_the_answers_direction_mirrors_the_offers(attribute: str, sends: bool, receives: bool, answer: str) -> None:
    agreement = sdp.read(OFFER + f"a={attribute}\n")
    assert (agreement.media.sends, agreement.media.receives) == (sends, receives)
    assert f"a={answer}\r\n" in sdp.write_answer(agreement, OURS, ORIGIN)


def test_a_direction_of_the_session_holds_for_its_lines() -> None:
    assert not sdp.read(OFFER.replace("t=0 0\n", "t=0 0\na=sendonly\n")).media.receives


def test_the_hold_of_old_phones_is_a_null_address() -> None:
    media = sdp.read(OFFER.replace("c=IN IP4 192.0.2.7", "c=IN IP4 0.0.0.0")).media
    assert (media.sends, media.receives) == (True, False)


def test_the_answer_has_one_codec_and_refuses_every_other_line_in_order() -> None:
    offer = OFFER.replace("m=audio", "m=video 5000 RTP/AVP 31\nm=audio") + "m=application 6000 udp bfcp\n"
    text = sdp.write_answer(sdp.read(offer), OURS, ORIGIN)
    assert [line for line in text.split("\r\n") if line.startswith("m=")] == [
        "m=video 0 RTP/AVP 31",
        "m=audio 20000 RTP/AVP 8 96",
        "m=application 0 UDP bfcp",
    ]


def test_no_common_codec_says_what_was_offered() -> None:
    with pytest.raises(sdp.NoCommonCodecError, match="G729/8000"):
        sdp.read("v=0\nc=IN IP4 192.0.2.7\nm=audio 4000 RTP/AVP 18\na=rtpmap:18 G729/8000\n")


@pytest.mark.parametrize("line", ["m=audio 0 RTP/AVP 8", "m=audio 4000 RTP/SAVP 8", "m=video 4000 RTP/AVP 8"])
def test_lines_that_are_no_plain_audio_are_not_taken(line: str) -> None:
    with pytest.raises(sdp.NoCommonCodecError):
        sdp.read(f"v=0\nc=IN IP4 192.0.2.7\n{line}\n")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "SDP line 1"),
        ("m=audio 4000 RTP/AVP 8\n", "SDP line 1"),
        ("v=0\nnonsense\n", "SDP line 2"),
        ("v=0\nm=audio abc RTP/AVP 8\n", "SDP line 2"),
        ("v=0\nm=audio 70000 RTP/AVP 8\n", "SDP line 2"),
        ("v=0\nm=audio 4000 RTP/AVP x\n", "SDP line 2"),
        ("v=0\nm=\n", "SDP line 2"),
        ("v=0\nc=IN\nm=audio 4000 RTP/AVP 8\n", "SDP line 2"),
        ("v=0\nm=audio 4000 RTP/AVP 8\na=rtpmap:\n", "SDP line 3"),
    ],
)
def test_malformed_text_names_the_line(text: str, place: str) -> None:
    with pytest.raises(sdp.SdpError, match=place):
        sdp.parse(text)


def offer_of(formats: str, *more: str) -> str:
    return "\n".join(["v=0", "c=IN IP4 192.0.2.7", f"m=audio 4000 RTP/AVP {formats}", *more, ""])


@pytest.mark.parametrize(
    ("wished", "taken_ms"),
    [
        ("a=ptime:10", 10),
        ("a=ptime:30", 30),
        ("a=ptime:60", 60),
        ("a=ptime:25", 20),
        ("a=ptime:120", 60),
        ("a=ptime:5", 20),
        ("a=ptime:40\na=maxptime:30", 30),
        ("a=maxptime:10", 10),
    ],
)
def test_packets_are_as_long_as_they_wish_and_our_answer_says_so(wished: str, taken_ms: int) -> None:
    agreement = sdp.read(offer_of("8", wished))
    assert agreement.media.ptime_ms == taken_ms
    assert f"a=ptime:{taken_ms}\r\n" in sdp.write_answer(agreement, OURS, ORIGIN)


def test_g722_is_taken_where_it_is_wanted_or_where_there_is_nothing_else() -> None:
    wide_first = (Codec.G722, Codec.PCMA, Codec.PCMU)
    assert sdp.read(offer_of("9 8 0")).media.codec is Codec.PCMA
    assert sdp.read(offer_of("9")).media == sdp.agree(sdp.parse(offer_of("9 8")), wide_first).media
    assert sdp.agree(sdp.parse(offer_of("0 8")), wide_first).media.codec is Codec.PCMU
    with pytest.raises(sdp.NoCommonCodecError):
        sdp.agree(sdp.parse(offer_of("9")), (Codec.PCMA,))


def test_our_offer_can_be_read_and_has_g722_only_for_a_side_that_speaks_it() -> None:
    text = sdp.write_offer(OURS, ORIGIN)
    assert "m=audio 20000 RTP/AVP 8 0 101\r\n" in text
    wide = msgspec.structs.replace(OURS, codec=Codec.G722, payload=9)
    assert "m=audio 20000 RTP/AVP 9 8 0 101\r\n" in sdp.write_offer(wide, ORIGIN)
    assert "RTP/AVP 0 101\r\n" in sdp.write_offer(wide, ORIGIN, (Codec.PCMU,))
    assert sdp.read(text).media == OURS


@given(
    st.builds(
        MediaDescription,
        address=st.just("192.0.2.1"),
        port=st.integers(1, 65535),
        codec=st.sampled_from(Codec),
        payload=st.integers(96, 100),
        digits_payload=st.none() | st.integers(101, 127),
        ptime_ms=st.sampled_from(sdp.OUR_PTIMES_MS),
        sends=st.booleans(),
        receives=st.booleans(),
    )
)
def test_what_is_written_is_read_back(media: MediaDescription) -> None:
    session = sdp.parse(sdp.write_offer(media, ORIGIN))
    assert sdp.agree(session, (media.codec, *sdp.PREFERRED)).media == media


@given(st.text() | st.binary().map(lambda data: data.decode(errors="replace")))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    for candidate in (text, OFFER + text, "v=0\n" + text):
        with contextlib.suppress(sdp.SdpError, sdp.NoCommonCodecError):
            assert sdp.read(candidate).media.port
