"""Offer and answer of a dialog (RFC 3264)."""

from telephony.ports import Codec
from telephony.sip import sdp
from telephony.sip.negotiation import Negotiation, Turn
from tests.telephony.switchboard import OUR_SOUND
from tests.telephony.wire_phone import sdp_of


def version_of(text: str) -> int:
    return int(text.split("\r\n")[1].split()[2])


def test_their_offer_is_answered_and_then_nobody_waits() -> None:
    negotiation = Negotiation(sdp.read(sdp_of()))
    assert (negotiation.turn, negotiation.is_settled) == (Turn.OURS, False)
    assert "m=audio 20000 RTP/AVP 8 101\r\n" in negotiation.answer(OUR_SOUND)
    assert negotiation.is_settled


def test_an_answer_told_before_it_counts_is_the_same_when_it_does() -> None:
    negotiation = Negotiation(sdp.read(sdp_of()))
    early = negotiation.preview(OUR_SOUND)
    assert not negotiation.is_settled
    assert negotiation.answer(OUR_SOUND) == early


def test_our_offer_waits_for_its_answer() -> None:
    negotiation = Negotiation()
    assert "RTP/AVP 8 0 101\r\n" in negotiation.offer(OUR_SOUND)
    assert (negotiation.turn, negotiation.is_settled) == (Turn.THEIRS, False)
    changed = negotiation.take_answer(sdp.read(sdp_of(41000, "0 101")))
    assert changed is not None
    assert changed.codec is Codec.PCMU
    assert negotiation.is_settled


def test_a_refused_offer_leaves_all_as_it_was() -> None:
    negotiation = Negotiation(sdp.read(sdp_of()))
    said = negotiation.answer(OUR_SOUND)
    assert negotiation.offer_again() == said
    assert not negotiation.is_settled
    negotiation.withdraw()
    assert negotiation.is_settled


def test_the_version_rises_with_each_description_that_differs_and_with_no_other() -> None:
    negotiation = Negotiation(sdp.read(sdp_of()))
    first = negotiation.answer(OUR_SOUND)
    assert negotiation.take_offer(sdp.read(sdp_of())) is None
    assert negotiation.answer(OUR_SOUND) == first
    held = negotiation.take_offer(sdp.read(sdp_of(extra="a=sendonly\r\n")))
    assert held is not None
    assert not held.receives
    answer = negotiation.answer(OUR_SOUND)
    assert version_of(answer) == version_of(first) + 1
    assert "a=recvonly" in answer
