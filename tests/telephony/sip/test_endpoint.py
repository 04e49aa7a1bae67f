"""Calls that come in, message by message."""

import asyncio
import random
import socket
import time

import pytest

from domain.errors import SipError
from telephony.ports import Codec, InboundCall, SipLeg
from telephony.sip.conf import parse_sip_conf
from tests.telephony.switchboard import OUR_SOUND, Switchboard
from tests.telephony.wire_phone import WireCall, WirePhone, content, sdp_of


async def test_a_call_is_taken_up_answered_and_ended_by_the_caller(board: Switchboard, call: WireCall) -> None:
    before_ms = time.time() * 1000
    ok = await call.establish()
    arrival = await board.arrival()
    assert arrival.call.caller_number == "13812345678"
    assert arrival.call.called_number == "12345"
    assert arrival.call.trunk == "guest"
    assert arrival.call.media is not None
    assert (arrival.call.media.port, arrival.call.media.digits_payload) == (40000, 101)
    assert before_ms - 1 <= arrival.call.arrived_at_ms <= time.time() * 1000
    assert "m=audio 20000 RTP/AVP 8 101\r\n" in ok.body
    assert call.phone.inbox[0].status == 100
    assert (await call.ask("BYE")).status == 200
    assert await arrival.heard.next("ended") == (True, 200)
    assert (await call.ask("BYE")).status == 481


async def test_we_hang_up(board: Switchboard, call: WireCall) -> None:
    await call.establish()
    arrival = await board.arrival()
    arrival.leg.hang_up()
    bye = await call.phone.take(method="BYE")
    call.phone.answer(bye, 200, "OK")
    assert await arrival.heard.next("ended") == (False, 0)
    arrival.leg.hang_up()


async def test_ringing_comes_before_the_answer(board: Switchboard, call: WireCall) -> None:
    def ring_only(_call: InboundCall, leg: SipLeg) -> None:
        leg.ring()

    board.take_call = ring_only
    call.phone.send(call.request("INVITE", body=sdp_of()))
    await call.phone.take(method="INVITE", status=180)
    (await board.arrival()).leg.answer(OUR_SOUND)
    await call.phone.take(method="INVITE", status=200)


async def test_a_call_that_is_refused(board: Switchboard, call: WireCall) -> None:
    board.take_call = lambda _call, leg: leg.reject(486, "Busy Here")
    assert (await call.ask("INVITE", body=sdp_of())).status == 486
    assert await (await board.arrival()).heard.next("ended") == (False, 486)


async def test_hanging_up_before_the_answer_declines(board: Switchboard, call: WireCall) -> None:
    board.take_call = lambda _call, leg: leg.hang_up()
    assert (await call.ask("INVITE", body=sdp_of())).status == 603


async def test_a_caller_who_cancels(board: Switchboard, call: WireCall) -> None:
    board.take_call = lambda _call, leg: leg.ring()
    call.phone.send(call.request("INVITE", body=sdp_of()))
    ringing = await call.phone.take(method="INVITE", status=180)
    assert (await call.ask("CANCEL")).status == 200
    terminated = await call.phone.take(method="INVITE", status=487)
    assert terminated.header("to") == ringing.header("to")
    assert await (await board.arrival()).heard.next("ended") == (True, 487)


async def test_a_retransmitted_invite_makes_one_call(board: Switchboard, call: WireCall) -> None:
    invite = call.request("INVITE", body=sdp_of())
    for _ in range(4):
        call.phone.send(invite)
    first = await call.phone.take(method="INVITE", status=200)
    call.phone.send(invite)
    again = await call.phone.take(method="INVITE", status=200)
    assert first.header("to") == again.header("to")
    await board.arrival()
    assert board.arrivals.empty()


async def test_the_same_invite_by_another_way_is_merged(board: Switchboard, call: WireCall) -> None:
    await call.establish()
    call.to_tag = ""
    call.phone.send(call.request("INVITE", body=sdp_of(), cseq=1))
    assert (await call.phone.take(method="INVITE", status=0)).status == 482


async def test_options_inside_and_outside_a_dialog(call: WireCall) -> None:
    outside = await call.ask("OPTIONS")
    assert outside.status == 200
    assert "INVITE" in outside.header("allow")
    assert "application/sdp" in outside.header("accept")
    await call.establish()
    assert "INFO" in (await call.ask("OPTIONS")).header("allow")


async def test_hold_and_resume(board: Switchboard, call: WireCall) -> None:
    await call.establish()
    heard = (await board.arrival()).heard
    held = await call.ask("INVITE", body=sdp_of(extra="a=sendonly\r\n"))
    call.phone.send(call.request("ACK"))
    assert "a=recvonly\r\n" in held.body
    assert "m=audio 20000 " in held.body
    assert not (await heard.next("changed")).receives
    resumed = await call.ask("INVITE", body=sdp_of())
    call.phone.send(call.request("ACK"))
    assert "a=sendrecv\r\n" in resumed.body
    assert (await heard.next("changed")).receives


async def test_a_codec_switch_and_a_move(board: Switchboard, call: WireCall) -> None:
    first = await call.establish()
    heard = (await board.arrival()).heard
    switched = await call.ask("INVITE", body=sdp_of(41000, "0 101"))
    call.phone.send(call.request("ACK"))
    changed = await heard.next("changed")
    assert (changed.codec, changed.port) == (Codec.PCMU, 41000)
    assert "m=audio 20000 RTP/AVP 0 101\r\n" in switched.body
    versions = [int(ok.body.split("\r\n")[1].split()[2]) for ok in (first, switched)]
    assert versions[1] == versions[0] + 1


async def test_a_reinvite_without_sdp_is_offered_ours(board: Switchboard, call: WireCall) -> None:
    await call.establish()
    heard = (await board.arrival()).heard
    ok = await call.ask("INVITE")
    assert "m=audio 20000 RTP/AVP 8 0 101\r\n" in ok.body
    call.phone.send(call.request("ACK", body=sdp_of(42000)))
    assert (await heard.next("changed")).port == 42000


async def test_a_reinvite_without_common_codec_leaves_the_call_as_it_is(board: Switchboard, call: WireCall) -> None:
    await call.establish()
    assert (await call.ask("INVITE", body=sdp_of(payloads="18"))).status == 488
    call.phone.send(call.request("ACK"))
    assert (await call.ask("BYE")).status == 200
    assert await (await board.arrival()).heard.next("ended") == (True, 200)


async def test_keys_by_info(board: Switchboard, call: WireCall) -> None:
    await call.establish()
    heard = (await board.arrival()).heard
    relay = await call.ask("INFO", body="Signal=0\r\nDuration=160\r\n", kind="application/dtmf-relay")
    assert relay.status == 200
    assert await heard.next("digit") == "0"
    assert (await call.ask("INFO", body="#", kind="application/dtmf")).status == 200
    assert await heard.next("digit") == "#"
    assert (await call.ask("INFO", body="x", kind="text/plain")).status == 415
    assert (await call.ask("INFO", body="x", kind="application/dtmf")).status == 400


@pytest.mark.parametrize(
    ("method", "status"), [("NOTIFY", 405), ("SUBSCRIBE", 405), ("MESSAGE", 405), ("PUBLISH", 405), ("FOO", 501)]
)
async def test_methods_that_we_do_not_have(call: WireCall, method: str, status: int) -> None:
    outside = await call.ask(method)
    assert outside.status == status
    assert "INVITE" in outside.header("allow")
    await call.establish()
    assert (await call.ask(method)).status == status
    assert (await call.ask("BYE")).status == 200


@pytest.mark.parametrize("method", ["UPDATE", "PRACK", "REFER"])
async def test_methods_that_live_in_a_dialog_only(call: WireCall, method: str) -> None:
    outside = await call.ask(method)
    assert outside.status == 405
    assert method not in outside.header("allow")


@pytest.mark.parametrize("method", ["BYE", "INFO", "UPDATE", "INVITE"])
async def test_requests_of_a_dialog_that_is_not_there(call: WireCall, method: str) -> None:
    call.to_tag = ";tag=unknown"
    assert (await call.ask(method)).status == 481


async def test_an_old_cseq_is_out_of_order(call: WireCall) -> None:
    await call.establish()
    call.phone.send(call.request("INFO", cseq=1))
    assert (await call.phone.take(method="INFO", status=0)).status == 500


async def test_no_common_codec_is_told_with_its_reason(board: Switchboard, call: WireCall) -> None:
    refused = await call.ask("INVITE", body=sdp_of(payloads="18"))
    assert refused.status == 488
    assert "no common codec" in refused.header("warning")
    assert board.arrivals.empty()


async def test_malformed_sdp_is_a_bad_request(call: WireCall) -> None:
    refused = await call.ask("INVITE", body="v=0\r\nm=audio abc RTP/AVP x\r\n")
    assert refused.status == 400
    assert "malformed SDP" in refused.header("warning")


async def test_a_body_that_is_no_sdp_is_a_bad_request(call: WireCall) -> None:
    assert (await call.ask("INVITE", body="hello", kind="text/plain")).status == 400


async def test_an_invite_without_sdp_gets_our_offer_and_answers_in_the_ack(board: Switchboard, call: WireCall) -> None:
    ok = await call.ask("INVITE")
    arrival = await board.arrival()
    assert arrival.call.media is None
    assert "m=audio 20000 RTP/AVP 8 0 101\r\n" in ok.body
    call.to_tag = ";tag=" + ok.header("to").partition(";tag=")[2]
    call.phone.send(call.request("ACK", body=sdp_of(43000, "0 101")))
    media = await arrival.heard.next("answered")
    assert (media.codec, media.port) == (Codec.PCMU, 43000)
    assert (await call.ask("BYE")).status == 200


async def test_an_ack_without_the_answer_ends_the_call(board: Switchboard, call: WireCall) -> None:
    await call.establish(body="")
    bye = await call.phone.take(method="BYE")
    call.phone.answer(bye, 200, "OK")
    assert await (await board.arrival()).heard.next("ended") == (False, 488)


async def test_an_extension_that_we_lack_is_refused_by_name(call: WireCall) -> None:
    refused = await call.ask("INVITE", body=sdp_of(), headers="Require: 100rel, x-none\r\n")
    assert (refused.status, refused.header("unsupported")) == (420, "x-none")


async def test_an_invite_without_contact_is_a_bad_request(call: WireCall) -> None:
    text = call.request("INVITE", body=sdp_of())
    lines = [line for line in text.split("\r\n") if not line.startswith("Contact")]
    call.phone.send("\r\n".join(lines))
    assert (await call.phone.take(method="INVITE", status=0)).status == 400


async def test_a_truncated_invite_is_a_bad_request(call: WireCall) -> None:
    text = call.request("INVITE", body=sdp_of())
    call.phone.send(text[:-60])
    assert (await call.phone.take(method="INVITE", status=0)).status == 400
    await WireCall(call.phone).establish()


async def test_an_invite_cut_in_its_headers_is_no_call(call: WireCall, board: Switchboard) -> None:
    text = call.request("INVITE", body=sdp_of())
    headers = text.partition("\r\n\r\n")[0]
    for length in (len(headers), len(headers) - 10):
        call.phone.send(headers[:length])
    await WireCall(call.phone).establish()
    await board.arrival()
    assert board.arrivals.empty()


async def test_a_callers_number_cannot_smuggle_lines(board: Switchboard, phone: WirePhone) -> None:
    await WireCall(phone, caller="139%0d%0aX-Evil" + "9" * 200).establish()
    number = (await board.arrival()).call.caller_number
    assert number.startswith("139X-Evil")
    assert len(number) == 64


async def test_a_trunk_vouches_for_its_callers_and_calls_only_its_numbers() -> None:
    conf = parse_sip_conf("[trunk provider]\nallow = 127.0.0.1\nnumbers = 12345\n")
    board = Switchboard(conf=conf)
    await board.endpoint.start()
    phone = await WirePhone.open(board.endpoint.port)
    for identity, number in (("<tel:+8613800138000>", "13800138000"), ("<sip:>>", "anonymous")):
        call = WireCall(phone, caller="anonymous")
        asserted = f"P-Asserted-Identity: {identity}\r\n"
        assert (await call.ask("INVITE", body=sdp_of(), headers=asserted)).status == 200
        arrival = (await board.arrival()).call
        assert (arrival.trunk, arrival.caller_number) == ("provider", number)
    assert (await WireCall(phone, called="110").ask("INVITE", body=sdp_of())).status == 404
    phone.close()
    await board.endpoint.stop()


async def test_an_owner_that_fails_loses_one_call_only(board: Switchboard, call: WireCall) -> None:
    def fail(_call: InboundCall, _leg: SipLeg) -> None:
        raise ValueError("no")

    take_call, board.take_call = board.take_call, fail
    assert (await call.ask("INVITE", body=sdp_of())).status == 500
    board.take_call = take_call
    await WireCall(call.phone).establish()


def _mutated(random_: random.Random, texts: list[bytes]) -> bytes:
    data = bytearray(random_.choice(texts))
    for _ in range(random_.randint(1, 12)):
        data[random_.randrange(len(data))] = random_.randrange(256)
    return bytes(data[: random_.randrange(len(data))] if random_.random() < 0.3 else data)


@pytest.mark.slow
async def test_a_flood_of_rubbish_does_not_stop_the_next_call(board: Switchboard, phone: WirePhone) -> None:
    random_ = random.Random(1)
    flood = [random_.randbytes(random_.randint(0, 1400)) for _ in range(2500)]
    stranger = await WirePhone.open(board.endpoint.port)
    valid = [WireCall(stranger).request(m, body=sdp_of()).encode() for m in ("INVITE", "OPTIONS", "BYE", "REGISTER")]
    flood += [_mutated(random_, valid) for _ in range(2500)]
    random_.shuffle(flood)
    for number, data in enumerate(flood):
        stranger.send(data)
        if number % 100 == 0:
            # The loop must breathe, or its own socket overflows.
            await asyncio.sleep(0)
    call = WireCall(phone)
    await call.establish()
    assert (await call.ask("BYE")).status == 200
    stranger.close()


@pytest.mark.parametrize(
    "wrong",
    [
        ("CSeq: 1 INVITE", "CSeq: zz"),
        ("Call-ID: ", "X-Nothing: "),
        ("Via: ", "Via: ,,,;;;"),
        ("From: ", 'From: "\x01'),
        ("Content-Length: ", "Content-Length: 99"),
        ("Content-Length: ", "Content-Length: -"),
        ("sip:12345@", "sip:[::"),
        ("Max-Forwards: 70", "Max-Forwards: many"),
        ("Contact: <", "Contact: <<<"),
        ("Max-Forwards: 70", "X: " + "A" * 30_000),
        ("Max-Forwards: 70", "\r\n".join(f"Via: SIP/2.0/UDP 192.0.2.1;branch=z{n}" for n in range(300))),
    ],
)
async def test_a_malformed_message_harms_nobody(call: WireCall, wrong: tuple[str, str]) -> None:
    call.phone.send(call.request("INVITE", body=sdp_of()).replace(*wrong, 1))
    call.phone.send(f"INVITE sip:x SIP/2.0\r\n{content('')}")
    after = WireCall(call.phone)
    after.phone.inbox.clear()
    after.phone.send(after.request("OPTIONS"))
    assert (await after.phone.take(method="OPTIONS", status=0)).status == 200


async def test_a_port_in_use_is_told_with_its_remedy(board: Switchboard) -> None:
    with pytest.raises(SipError, match="sip_port"):
        await Switchboard(board.endpoint.port).endpoint.start()


async def test_a_second_endpoint_in_the_process_is_refused_and_frees_its_port(board: Switchboard) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(SipError, match="runs already"):
        await Switchboard(port).endpoint.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", port))


async def test_stopping_hangs_up_and_another_start_works() -> None:
    board = Switchboard()
    await board.endpoint.start()
    phone = await WirePhone.open(board.endpoint.port)
    await WireCall(phone).establish()
    arrival = await board.arrival()
    stopping = asyncio.create_task(board.endpoint.stop())
    phone.answer(await phone.take(method="BYE"), 200, "OK")
    await stopping
    assert await arrival.heard.next("ended") == (False, 0)
    again = Switchboard(board_port := phone.endpoint[1])
    await again.endpoint.start()
    assert again.endpoint.port == board_port
    await WireCall(phone).establish()
    phone.close()
    await again.endpoint.stop()
