"""The endpoint over TCP."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from telephony.ports import SipLeg
from telephony.settings import TelephonySettings
from telephony.sip.conf import parse_sip_conf
from tests.telephony.switchboard import OUR_SOUND, PASSWORD, Heard, Switchboard
from tests.telephony.wire_phone import WireCall, WirePhone, proof, sdp_of
from tests.telephony.wire_stream import WireStream

DEADLINE_S = 10.0


@pytest.fixture
async def board() -> AsyncIterator[Switchboard]:
    board = Switchboard(settings=TelephonySettings(sip_address="::", rtp_address="::", sip_port=0))
    await board.endpoint.start()
    yield board
    await board.endpoint.stop()


@pytest.fixture
async def phone(board: Switchboard) -> AsyncIterator[WireStream]:
    phone = await WireStream.dial(board.endpoint.port)
    yield phone
    phone.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_call_is_taken_up_and_hung_up_on_its_connection(board: Switchboard, host: str) -> None:
    phone = await WireStream.dial(board.endpoint.port, host)
    call = WireCall(phone)
    ok = await call.establish(sdp_of(address=host))
    assert ok.header("contact") == f"<sip:{phone.host}:{board.endpoint.port};transport=tcp>"
    arrival = await board.arrival()
    arrival.leg.hang_up()
    bye = await phone.take(method="BYE")
    assert bye.header("via").startswith(f"SIP/2.0/TCP {phone.host}:{board.endpoint.port};")
    phone.answer(bye, 200, "OK")
    assert await arrival.heard.next("ended") == (False, 0)
    phone.close()


async def test_a_stream_in_small_pieces_and_two_messages_at_once(board: Switchboard, phone: WireStream) -> None:
    one, two = WireCall(phone), WireCall(phone)
    texts = [call.request("OPTIONS") for call in (one, two)]
    wire = "".join(texts).replace("SIP/2.0/UDP", "SIP/2.0/TCP").encode()
    for start in range(0, len(wire), 100):
        phone.wire.write(wire[start : start + 100])
        await asyncio.sleep(0)
    answers = [await phone.take(method="OPTIONS", status=200) for _ in texts]
    assert {answer.header("call-id") for answer in answers} == {one.call_id, two.call_id}


async def test_a_keep_alive_is_answered_and_the_connection_kept(phone: WireStream) -> None:
    phone.wire.write(b"\r\n\r\n")
    assert (await WireCall(phone).ask("OPTIONS")).status == 200
    assert phone.pongs == 1


@pytest.mark.parametrize(
    "rubbish", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01" * 20_000, b"OPTIONS sip:x SIP/2.0\r\n\r\n"]
)
async def test_rubbish_closes_its_own_connection_only(board: Switchboard, phone: WireStream, rubbish: bytes) -> None:
    stranger = await WireStream.dial(board.endpoint.port)
    stranger.wire.write(rubbish)
    async with asyncio.timeout(DEADLINE_S):
        await stranger.gone.wait()
    assert (await WireCall(phone).ask("OPTIONS")).status == 200


async def test_an_answer_is_repeated_until_its_ack_and_a_refusal_is_not(board: Switchboard, phone: WireStream) -> None:
    call = WireCall(phone)
    first = await call.ask("INVITE", body=sdp_of())
    again = await phone.take(method="INVITE", status=200)
    assert again.header("to") == first.header("to")
    call.to_tag = ";tag=" + first.header("to").partition(";tag=")[2]
    phone.send(call.request("ACK"))
    assert (await call.ask("BYE")).status == 200
    board.take_call = lambda _call, leg: leg.reject(486, "Busy Here")
    busy = WireCall(phone)
    assert (await busy.ask("INVITE", body=sdp_of())).status == 486
    await asyncio.sleep(1.2)
    assert not [message for message in phone.inbox if message.status == 486]


async def register(phone: WirePhone) -> None:
    dialog = WireCall(phone, caller="8001", called="8001")
    challenged = await dialog.ask("REGISTER")
    answer = proof(challenged.header("www-authenticate"), "8001", PASSWORD, "REGISTER")
    assert (await dialog.ask("REGISTER", headers=f"Authorization: {answer}\r\n")).status == 200


def ring(board: Switchboard, target: str) -> tuple[SipLeg, Heard]:
    heard = Heard()
    leg = board.endpoint.place_call(target, caller_number="1", media=OUR_SOUND, events=heard, timeout_s=30.0)
    return leg, heard


async def test_a_phone_is_rung_on_the_connection_that_it_registered_by(board: Switchboard, phone: WireStream) -> None:
    await register(phone)
    leg, heard = ring(board, "8001")
    invite = await phone.take(method="INVITE")
    assert invite.header("via").startswith("SIP/2.0/TCP ")
    phone.answer(invite, 200, "OK", body=sdp_of())
    await heard.next("answered")
    await phone.take(method="ACK")
    leg.hang_up()
    phone.answer(await phone.take(method="BYE"), 200, "OK")
    assert await heard.next("ended") == (False, 0)


async def test_we_connect_to_a_target_and_keep_the_connection(board: Switchboard) -> None:
    server_side: list[WireStream] = []

    def accept() -> WireStream:
        server_side.append(WireStream(board.endpoint.port))
        return server_side[-1]

    server = await asyncio.get_running_loop().create_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for _ in range(2):
        leg, heard = ring(board, f"sip:9000@127.0.0.1:{port};transport=tcp")
        while not server_side:  # noqa: ASYNC110  # a connection of asyncio's own server has no event
            await asyncio.sleep(0.01)
        phone = server_side[0]
        invite = await phone.take(method="INVITE")
        assert invite.first == f"INVITE sip:9000@127.0.0.1:{port};transport=tcp SIP/2.0"
        phone.answer(invite, 200, "OK", body=sdp_of(), contact=f"sip:9000@127.0.0.1:{port};transport=tcp")
        await heard.next("answered")
        await phone.take(method="ACK")
        leg.hang_up()
        phone.answer(await phone.take(method="BYE"), 200, "OK")
        assert await heard.next("ended") == (False, 0)
    assert len(server_side) == 1
    server_side[0].wire.close()
    server.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "no-such-name.invalid"])
async def test_a_target_that_refuses_the_connection_is_told_at_once(board: Switchboard, host: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    _, heard = ring(board, f"sip:9000@{host}:{port};transport=tcp")
    assert await heard.next("ended") == (True, 503)


async def test_a_trunk_over_tcp_that_is_gone_is_followed_by_one_over_udp() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.2", 0))
        gone = probe.getsockname()[1]
    second = await WirePhone.open(0, own_host="127.0.0.3")
    conf = parse_sip_conf(
        f"[trunk gone]\nhost = 127.0.0.2:{gone}\ntransport = tcp\nkeepalive = 0\n"
        f"[trunk there]\nhost = 127.0.0.3:{second.port}\nkeepalive = 0\n"
    )
    board = Switchboard(conf=conf)
    await board.endpoint.start()
    second.endpoint = ("127.0.0.1", board.endpoint.port)
    _, heard = ring(board, "tel:13812345678")
    second.answer(await second.take(method="INVITE"), 486, "Busy")
    assert await heard.next("ended") == (True, 486)
    second.close()
    await board.endpoint.stop()


async def test_tcp_can_be_switched_off() -> None:
    board = Switchboard(settings=TelephonySettings(sip_port=0, sip_tcp=False))
    await board.endpoint.start()
    with pytest.raises(OSError, match=r"[Cc]onnect"):
        await WireStream.dial(board.endpoint.port)
    _, heard = ring(board, "sip:1@127.0.0.1;transport=tcp")
    assert await heard.next("ended") == (False, 500)
    await board.endpoint.stop()
