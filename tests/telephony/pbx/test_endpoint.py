"""The hotline as an extension of a PBX: the endpoint's tests that apply to it, and what is its own.

The PBX is a wire phone: the test writes its messages.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.errors import SipError
from telephony.pbx.client import PbxAccount
from telephony.pbx.endpoint import PyVoipEndpoint
from telephony.ports import Codec, SipLeg
from telephony.settings import TelephonySettings
from telephony.sip.conf import parse_sip_conf
from telephony.sip.digest import DigestGuard, Verdict, parse_credentials
from telephony.sip.endpoint import wall_clock_ms
from tests.telephony.sip.test_endpoint import (  # noqa: F401  # what every endpoint must do, with the fixtures of this file
    test_a_call_that_is_refused,
    test_a_caller_who_cancels,
    test_a_callers_number_cannot_smuggle_lines,
    test_a_codec_switch_and_a_move,
    test_a_reinvite_without_common_codec_leaves_the_call_as_it_is,
    test_a_reinvite_without_sdp_is_offered_ours,
    test_a_retransmitted_invite_makes_one_call,
    test_an_ack_without_the_answer_ends_the_call,
    test_an_invite_cut_in_its_headers_is_no_call,
    test_an_invite_without_sdp_gets_our_offer_and_answers_in_the_ack,
    test_an_old_cseq_is_out_of_order,
    test_an_owner_that_fails_loses_one_call_only,
    test_hanging_up_before_the_answer_declines,
    test_hold_and_resume,
    test_keys_by_info,
    test_malformed_sdp_is_a_bad_request,
    test_no_common_codec_is_told_with_its_reason,
    test_ringing_comes_before_the_answer,
    test_we_hang_up,
)
from tests.telephony.switchboard import OUR_SOUND, Heard, Switchboard
from tests.telephony.wire_phone import WireCall, WirePhone, sdp_of

ACCOUNT_PASSWORD = "secret-100"


class PbxBoard(Switchboard):
    """As Switchboard, with the endpoint as extension 100 of a PBX at `port`."""

    def __init__(self, port: int) -> None:
        self.take_call = lambda _call, leg: leg.answer(OUR_SOUND)
        self.arrivals = asyncio.Queue()
        self.phones = asyncio.Queue()
        self.endpoint = PyVoipEndpoint(  # type: ignore[assignment]
            TelephonySettings(sip_port=0),
            PbxAccount(host="127.0.0.1", port=port, user="100", password=ACCOUNT_PASSWORD),
            ("8001",),
            on_call=self._on_call,
            on_registration=self.phones.put_nowait,
            now_ms=wall_clock_ms,
            parting_s=0.2,
        )


@pytest.fixture
async def phone() -> AsyncIterator[WirePhone]:
    phone = await WirePhone.open(0)
    yield phone
    phone.close()


@pytest.fixture
async def board(phone: WirePhone) -> AsyncIterator[PbxBoard]:
    board = PbxBoard(phone.port)
    await board.endpoint.start()
    phone.endpoint = ("127.0.0.1", board.endpoint.port)
    phone.answer(await phone.take(method="REGISTER"), 200, "OK")
    assert (await board.phone_change()).registered
    yield board
    await board.endpoint.stop()


@pytest.fixture
def call(board: PbxBoard, phone: WirePhone) -> WireCall:
    return WireCall(phone, called="100")


async def test_a_call_of_the_pbx_is_the_hotlines(board: PbxBoard, call: WireCall) -> None:
    await call.establish()
    arrival = await board.arrival()
    assert (arrival.call.caller_number, arrival.call.called_number) == ("13812345678", "100")
    assert (arrival.call.trunk, arrival.call.media.port) == ("pbx", 40000)
    assert (await call.ask("BYE")).status == 200
    assert await arrival.heard.next("ended") == (True, 200)
    assert (await call.ask("BYE")).status == 481


async def test_it_registers_with_the_digest_that_the_pbx_asks_for(phone: WirePhone) -> None:
    guard = DigestGuard("pbx", b"key")
    board = PbxBoard(phone.port)
    await board.endpoint.start()
    phone.endpoint = ("127.0.0.1", board.endpoint.port)
    first = await phone.take(method="REGISTER")
    challenge = guard.challenges(0.0)[0]
    phone.answer(first, 401, f"Unauthorized\r\nWWW-Authenticate: {challenge}")
    second = await phone.take(method="REGISTER")
    header = second.header("authorization")
    assert guard.check(header, "REGISTER", {"100": ACCOUNT_PASSWORD}.get, 0.0) is Verdict.GOOD
    credentials = parse_credentials(header)
    assert credentials is not None
    assert credentials.uri == second.first.split()[1]
    phone.answer(second, 200, "OK")
    assert (await board.phone_change()).extension == "8001"
    stopping = asyncio.create_task(board.endpoint.stop())
    assert (await phone.take(method="REGISTER")).header("expires") == "0"
    assert not (await board.phone_change()).registered
    await stopping


async def test_a_refused_registration_is_told_and_tried_again(phone: WirePhone) -> None:
    board = PbxBoard(phone.port)
    await board.endpoint.start()
    phone.endpoint = ("127.0.0.1", board.endpoint.port)
    phone.answer(await phone.take(method="REGISTER"), 403, "Forbidden")
    assert not (await board.phone_change()).registered
    phone.answer(await phone.take(method="REGISTER"), 200, "OK")
    assert (await board.phone_change()).registered
    await board.endpoint.stop()


def place(board: PbxBoard, target: str = "8001", timeout_s: float = 30.0) -> tuple[SipLeg, Heard]:
    heard = Heard()
    leg = board.endpoint.place_call(
        target,
        caller_number="13812345678",
        media=OUR_SOUND,
        events=heard,
        timeout_s=timeout_s,
        headers=(("Alert-Info", "<x>;info=alert-autoanswer"),),
    )
    return leg, heard


async def test_an_agent_is_called_through_the_pbx(board: PbxBoard, phone: WirePhone) -> None:
    leg, heard = place(board)
    invite = await phone.take(method="INVITE")
    assert invite.first.startswith("INVITE sip:8001@127.0.0.1")
    assert invite.header("alert-info").endswith("alert-autoanswer")
    phone.answer(invite, 180, "Ringing")
    assert await heard.next("progress") == 180
    phone.answer(invite, 200, "OK", body=sdp_of(41000, "0 101"))
    media = await heard.next("answered")
    assert (media.codec, media.port) == (Codec.PCMU, 41000)
    ack = await phone.take(method="ACK")
    assert ack.header("to").endswith(";tag=phone")
    leg.hang_up()
    bye = await phone.take(method="BYE")
    assert bye.header("via").startswith(f"SIP/2.0/UDP 127.0.0.1:{board.endpoint.port}")
    phone.answer(bye, 200, "OK")
    assert await heard.next("ended") == (False, 0)


async def test_an_invite_that_is_challenged(board: PbxBoard, phone: WirePhone) -> None:
    guard = DigestGuard("pbx", b"key")
    _, heard = place(board)
    first = await phone.take(method="INVITE")
    phone.answer(first, 407, f"Proxy Authentication Required\r\nProxy-Authenticate: {guard.challenges(0.0)[0]}")
    ack = await phone.take(method="ACK")
    assert ack.header("via") == first.header("via")
    again = await phone.take(method="INVITE")
    check = guard.check(again.header("proxy-authorization"), "INVITE", {"100": ACCOUNT_PASSWORD}.get, 0.0)
    assert check is Verdict.GOOD
    assert int(again.header("cseq").split()[0]) == int(first.header("cseq").split()[0]) + 1
    phone.answer(again, 486, "Busy Here")
    assert await heard.next("ended") == (True, 486)


async def test_who_does_not_answer_is_cancelled(board: PbxBoard, phone: WirePhone) -> None:
    _, heard = place(board, timeout_s=2.0)
    invite = await phone.take(method="INVITE")
    phone.answer(invite, 180, "Ringing")
    assert await heard.next("progress") == 180
    cancel = await phone.take(method="CANCEL")
    assert cancel.header("via") == invite.header("via")
    assert await heard.next("ended") == (False, 408)
    phone.answer(cancel, 200, "OK")
    phone.answer(invite, 487, "Request Terminated")
    await phone.take(method="ACK")


async def test_an_answer_that_crosses_our_cancel_is_hung_up(board: PbxBoard, phone: WirePhone) -> None:
    leg, heard = place(board)
    invite = await phone.take(method="INVITE")
    phone.answer(invite, 180, "Ringing")
    assert await heard.next("progress") == 180
    leg.hang_up()
    await phone.take(method="CANCEL")
    phone.answer(invite, 200, "OK", body=sdp_of())
    await phone.take(method="ACK")
    phone.answer(await phone.take(method="BYE"), 200, "OK")
    assert await heard.next("ended") == (False, 0)


async def test_a_lost_invite_is_sent_again(board: PbxBoard, phone: WirePhone) -> None:
    place(board)
    first = await phone.take(method="INVITE")
    again = await phone.take(method="INVITE")
    assert again.header("via") == first.header("via")
    phone.answer(again, 404, "Not Found")


@pytest.mark.parametrize("method", ["UPDATE", "REFER", "PRACK", "MESSAGE"])
async def test_what_pyvoip_does_not_have_is_refused(call: WireCall, method: str) -> None:
    await call.establish()
    assert (await call.ask(method)).status == 405
    assert (await call.ask("OPTIONS")).status == 200
    assert (await call.ask("BYE")).status == 200


@pytest.mark.parametrize(
    "wrong",
    [
        ("CSeq: 1 INVITE", "CSeq: zz"),
        ("Call-ID: ", "X-Nothing: "),
        ("Via: ", "Via: ,,,;;;"),
        ("From: ", 'From: "\x01'),
        ("Contact: <", "Contact: <<<"),
        ("Max-Forwards: 70", "X: " + "A" * 30_000),
        ("v=0", "v=zz"),
        ("SIP/2.0\r\n", "SIP/9.0\r\n"),
    ],
)
async def test_a_malformed_message_harms_nobody(call: WireCall, wrong: tuple[str, str]) -> None:
    call.phone.send(call.request("INVITE", body=sdp_of()).replace(*wrong, 1))
    call.phone.send(b"\xff\xfe rubbish")
    assert (await WireCall(call.phone, called="100").ask("OPTIONS")).status == 200


async def test_compact_names_and_folded_lines_are_understood(board: PbxBoard, call: WireCall) -> None:
    text = call.request("INVITE", body=sdp_of())
    for long, short in (("Via:", "v :"), ("From:", "f:"), ("To:", "t:"), ("Call-ID:", "i:"), ("Content-Type:", "c:")):
        text = text.replace(long, short, 1)
    call.phone.send(text.replace(";tag=wire", "\r\n ;tag=wire", 1))
    assert (await call.phone.take(method="INVITE", status=0)).status == 200
    assert (await board.arrival()).call.caller_number == "13812345678"


async def test_a_port_in_use_is_told_with_its_remedy(board: PbxBoard) -> None:
    taken = PyVoipEndpoint(
        TelephonySettings(sip_port=board.endpoint.port),
        PbxAccount(host="127.0.0.1", port=9, user="100", password=ACCOUNT_PASSWORD),
        (),
        on_call=lambda _call, _leg: Heard(),
        on_registration=lambda _change: None,
        now_ms=wall_clock_ms,
    )
    with pytest.raises(SipError, match="sip_port"):
        await taken.start()


async def test_both_ways_with_another_sip_stack_as_the_pbx() -> None:
    """sippy registers us with our password, calls us, and is called with an INVITE that it challenges."""
    pbx = Switchboard(conf=parse_sip_conf(f"[extension 100]\npassword = {ACCOUNT_PASSWORD}\n"))
    await pbx.endpoint.start()
    ours = PbxBoard(pbx.endpoint.port)
    await ours.endpoint.start()
    assert (await ours.phone_change()).registered
    assert (await pbx.phone_change()).extension == "100"

    heard = Heard()
    leg = pbx.endpoint.place_call("100", caller_number="138", media=OUR_SOUND, events=heard, timeout_s=10.0)
    arrival = await ours.arrival()
    assert arrival.call.caller_number == "138"
    assert (await heard.next("answered")).port == OUR_SOUND.port
    leg.hang_up()
    assert await arrival.heard.next("ended") == (True, 200)

    leg, heard = place(ours)
    arrival = await pbx.arrival()
    assert arrival.call.called_number == "8001"
    assert (await heard.next("answered")).port == OUR_SOUND.port
    arrival.leg.hang_up()
    assert await heard.next("ended") == (True, 200)
    await ours.endpoint.stop()
    assert not (await pbx.phone_change()).registered
    await pbx.endpoint.stop()
