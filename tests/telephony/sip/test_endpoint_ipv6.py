"""The endpoint on both families at once."""

from collections.abc import AsyncIterator

import pytest

from telephony.ports import Codec
from telephony.settings import TelephonySettings
from tests.telephony.switchboard import OUR_SOUND, PASSWORD, Heard, Switchboard
from tests.telephony.wire_phone import WireCall, WirePhone, proof, sdp_of


@pytest.fixture
async def board() -> AsyncIterator[Switchboard]:
    board = Switchboard(settings=TelephonySettings(sip_address="::", rtp_address="::", sip_port=0))
    await board.endpoint.start()
    yield board
    await board.endpoint.stop()


@pytest.mark.parametrize(("host", "family"), [("::1", "IP6"), ("127.0.0.1", "IP4")])
async def test_each_family_is_answered_in_its_own(board: Switchboard, host: str, family: str) -> None:
    phone = await WirePhone.open(board.endpoint.port, host)
    call = WireCall(phone)
    ok = await call.establish(sdp_of(address=host))
    assert f"c=IN {family} {host}\r\n" in ok.body
    assert ok.header("contact") == f"<sip:{phone.host}:{board.endpoint.port}>"
    arrival = await board.arrival()
    assert arrival.call.media is not None
    assert arrival.call.media.address == host
    arrival.leg.hang_up()
    bye = await phone.take(method="BYE")
    assert f"SIP/2.0/UDP {phone.host}:{board.endpoint.port}" in bye.header("via")
    phone.answer(bye, 200, "OK")
    assert await arrival.heard.next("ended") == (False, 0)
    phone.close()


async def test_a_phone_on_ipv6_registers_and_is_rung(board: Switchboard) -> None:
    phone = await WirePhone.open(board.endpoint.port, "::1")
    dialog = WireCall(phone, caller="8001", called="8001")
    challenged = await dialog.ask("REGISTER")
    answer = proof(challenged.header("www-authenticate"), "8001", PASSWORD, "REGISTER")
    assert (await dialog.ask("REGISTER", headers=f"Authorization: {answer}\r\n")).status == 200
    heard = Heard()
    leg = board.endpoint.place_call("8001", caller_number="1", media=OUR_SOUND, events=heard, timeout_s=30.0)
    invite = await phone.take(method="INVITE")
    assert invite.first == f"INVITE sip:8001@[::1]:{phone.port} SIP/2.0"
    assert "@[::1]>" in invite.header("from")
    assert "c=IN IP6 ::1\r\n" in invite.body
    phone.answer(invite, 200, "OK", body=sdp_of(44000, "0 101", address="::1"))
    media = await heard.next("answered")
    assert (media.address, media.codec) == ("::1", Codec.PCMU)
    await phone.take(method="ACK")
    leg.hang_up()
    phone.answer(await phone.take(method="BYE"), 200, "OK")
    assert await heard.next("ended") == (False, 0)
    phone.close()
