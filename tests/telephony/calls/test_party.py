"""One telephone in a call: its keys count once, and it is offered what the other side speaks."""

import pytest

from domain.call import DigitSource
from domain.target import OfferOutcome
from telephony.calls.party import Party, PartyEvent, Pressed
from telephony.ports import Codec
from tests.telephony.fake_ports import FakeEndpoint, FakePlane, describe


def test_a_key_that_comes_in_three_ways_is_told_once() -> None:
    told: list[PartyEvent] = []
    party = Party(FakePlane(), lambda _party, event: told.append(event))
    for source in (DigitSource.RFC4733, DigitSource.INBAND, DigitSource.INFO):
        party.on_digit("5", source)
    party.on_digit("5", DigitSource.INFO)
    assert told == [Pressed("5", DigitSource.RFC4733), Pressed("5", DigitSource.INFO)]


@pytest.mark.parametrize(("codec", "payload"), [(Codec.PCMA, 8), (Codec.PCMU, 0), (Codec.G722, 9)])
def test_a_telephone_is_offered_what_the_other_side_speaks(codec: Codec, payload: int) -> None:
    party, endpoint = Party(FakePlane(), lambda *_: None), FakeEndpoint()
    party.ring(endpoint, "8001", caller_number="", describe=describe, timeout_s=1, codec=codec)
    offered = endpoint.placed["8001"].media
    assert offered is not None
    assert (offered.codec, offered.payload, offered.port) == (codec, payload, party.media.port)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (486, OfferOutcome.REJECTED),
        (603, OfferOutcome.REJECTED),
        (302, OfferOutcome.REJECTED),  # set to forward its calls
        (408, OfferOutcome.NO_ANSWER),
        (480, OfferOutcome.UNREACHABLE),
        (500, OfferOutcome.UNREACHABLE),
    ],
)
def test_how_a_ringing_ended(status: int, outcome: OfferOutcome) -> None:
    assert Party(FakePlane(), lambda *_: None).outcome(status) is outcome
