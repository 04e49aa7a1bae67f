"""Trunks, message by message: providers are wire phones on other addresses of the loopback network."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from telephony.ports import SipLeg
from telephony.sip.conf import parse_sip_conf
from tests.free_port import free_port
from tests.telephony.switchboard import OUR_SOUND, Heard, Switchboard
from tests.telephony.wire_phone import Message, WireCall, WirePhone, sdp_of

DEADLINE_S = 30.0
FIRST, SECOND = "127.0.0.2", "127.0.0.3"


class Floor:
    """An endpoint with two trunks, `first` (127.0.0.2) before `second` (127.0.0.3), each a wire phone."""

    def __init__(self, board: Switchboard, first: WirePhone, second: WirePhone) -> None:
        self.board = board
        self.first = first
        self.second = second

    def dial(self, number: str = "tel:01062345678", *, timeout_s: float = 10.0) -> tuple[SipLeg, Heard]:
        heard = Heard()
        leg = self.board.endpoint.place_call(
            number, caller_number="13812345678", media=OUR_SOUND, events=heard, timeout_s=timeout_s
        )
        return leg, heard


@asynccontextmanager
async def open_floor(first: str = "keepalive = 0", second: str = "keepalive = 0") -> AsyncIterator[Floor]:
    ports = {host: free_port(host) for host in (FIRST, SECOND)}
    conf = parse_sip_conf(
        "[general]\narea_code = 022\n"
        f"[trunk first]\nhost = {FIRST}:{ports[FIRST]}\nfailover_after = 1\nnumbers = 12345\n{first}\n"
        f"[trunk second]\nhost = {SECOND}:{ports[SECOND]}\nfailover_after = 1\n{second}\n"
    )
    board = Switchboard(conf=conf)
    phones = []
    for host in (FIRST, SECOND):
        # The endpoint's port is not known yet; it is set below.
        phones.append(await WirePhone.open(0, own_host=host, own_port=ports[host]))
    await board.endpoint.start()
    for phone in phones:
        phone.endpoint = ("127.0.0.1", board.endpoint.port)
    try:
        yield Floor(board, *phones)
    finally:
        for phone in phones:
            phone.close()
        await board.endpoint.stop()


@pytest.fixture
async def floor() -> AsyncIterator[Floor]:
    async with open_floor() as floor:
        yield floor


async def hang_up(phone: WirePhone, leg: SipLeg, heard: Heard) -> None:
    leg.hang_up()
    phone.answer(await phone.take(method="BYE"), 200, "OK")
    assert await heard.next("ended") == (False, 0)


async def test_a_number_outside_goes_by_the_first_trunk_with_its_caller_id() -> None:
    async with open_floor("keepalive = 0\ncaller_id = 02212345\ncaller_id_in = both\ndial_form = e164") as floor:
        leg, heard = floor.dial("tel:010-6234-5678")
        invite = await floor.first.take(method="INVITE")
        assert invite.first == f"INVITE sip:+861062345678@{FIRST}:{floor.first.port} SIP/2.0"
        assert invite.header("from").startswith("<sip:02212345@127.0.0.1>")
        assert invite.header("p-asserted-identity") == f"<sip:02212345@{FIRST}>"
        floor.first.answer(invite, 180, "Ringing")
        assert await heard.next("progress") == 180
        floor.first.answer(invite, 200, "OK", body=sdp_of())
        assert (await heard.next("answered")).port == 40000
        await floor.first.take(method="ACK")
        await hang_up(floor.first, leg, heard)


@pytest.mark.parametrize("status", [503, 500])
async def test_a_trunk_that_fails_is_followed_by_the_next(floor: Floor, status: int) -> None:
    leg, heard = floor.dial()
    invite = await floor.first.take(method="INVITE")
    floor.first.answer(invite, status, "No")
    again = await floor.second.take(method="INVITE")
    assert again.header("call-id") == invite.header("call-id")
    assert again.header("from") != invite.header("from")
    floor.second.answer(again, 200, "OK", body=sdp_of())
    await heard.next("answered")
    await hang_up(floor.second, leg, heard)


async def test_a_trunk_that_says_nothing_is_followed_by_the_next(floor: Floor) -> None:
    leg, heard = floor.dial()
    await floor.first.take(method="INVITE")
    again = await floor.second.take(method="INVITE")
    floor.second.answer(again, 200, "OK", body=sdp_of())
    await heard.next("answered")
    await hang_up(floor.second, leg, heard)


@pytest.mark.parametrize("status", [486, 404, 603])
async def test_what_the_called_person_says_is_not_asked_again_elsewhere(floor: Floor, status: int) -> None:
    _, heard = floor.dial()
    floor.first.answer(await floor.first.take(method="INVITE"), status, "No")
    assert await heard.next("ended") == (True, status)
    assert not [message for message in floor.second.inbox if message.method == "INVITE"]


async def test_a_call_that_rings_out_is_not_tried_again_elsewhere(floor: Floor) -> None:
    _, heard = floor.dial(timeout_s=1.5)
    invite = await floor.first.take(method="INVITE")
    floor.first.answer(invite, 180, "Ringing")
    assert await heard.next("progress") == 180
    cancel = await floor.first.take(method="CANCEL")
    floor.first.answer(cancel, 200, "OK")
    floor.first.answer(invite, 487, "Request Terminated")
    assert await heard.next("ended") == (False, 408)
    assert not [message for message in floor.second.inbox if message.method == "INVITE"]


async def test_hanging_up_while_the_first_is_silent_tries_no_other(floor: Floor) -> None:
    leg, heard = floor.dial()
    await floor.first.take(method="INVITE")
    leg.hang_up()
    assert await heard.next("ended") == (False, 0)
    await asyncio.sleep(0)
    assert not [message for message in floor.second.inbox if message.method == "INVITE"]


async def test_all_trunks_failing_ends_with_the_last_status(floor: Floor) -> None:
    _, heard = floor.dial()
    floor.first.answer(await floor.first.take(method="INVITE"), 503, "No")
    floor.second.answer(await floor.second.take(method="INVITE"), 500, "No")
    assert await heard.next("ended") == (True, 500)


async def test_a_trunk_that_is_never_asked_does_not_go_down(floor: Floor) -> None:
    for _ in range(4):
        _, heard = floor.dial()
        floor.first.answer(await floor.first.take(method="INVITE"), 503, "No")
        floor.second.answer(await floor.second.take(method="INVITE"), 486, "Busy")
        assert await heard.next("ended") == (True, 486)


async def test_without_a_trunk_for_a_number_the_call_ends_with_404() -> None:
    async with open_floor("keepalive = 0\ndial = 0*", "keepalive = 0\ndial = 0*") as floor:
        for number in ("tel:95588", "tel:abc", "tel:"):
            _, heard = floor.dial(number)
            assert await heard.next("ended") == (False, 404)


async def test_a_full_trunk_is_passed_over_and_full_trunks_are_503() -> None:
    async with open_floor("keepalive = 0\nmax_calls_out = 1", "keepalive = 0\nmax_calls_out = 0") as floor:
        leg, heard = floor.dial()
        invite = await floor.first.take(method="INVITE")
        floor.first.answer(invite, 200, "OK", body=sdp_of())
        await heard.next("answered")
        _, refused = floor.dial()
        assert await refused.next("ended") == (False, 503)
        await hang_up(floor.first, leg, heard)
        floor.dial()
        await floor.first.take(method="INVITE")


async def test_calls_over_the_limit_of_a_trunk_are_busy() -> None:
    async with open_floor("keepalive = 0\nmax_calls_in = 1") as floor:
        call = WireCall(floor.first)
        await call.establish()
        second = WireCall(floor.first)
        assert (await second.ask("INVITE", body=sdp_of())).status == 486
        second.phone.send(second.request("ACK"))
        assert (await call.ask("BYE")).status == 200
        await WireCall(floor.first).establish()


async def test_a_trunks_caller_is_read_and_its_diversion_kept(floor: Floor) -> None:
    call = WireCall(floor.first, caller="anonymous", called="+862212345")
    headers = (
        "P-Asserted-Identity: <sip:+8613812345678@provider.example;user=phone>\r\n"
        "Diversion: <sip:+862223456789@provider.example>;reason=unconditional\r\n"
    )
    assert (await call.ask("INVITE", body=sdp_of(), headers=headers)).status == 200
    arrival = (await floor.board.arrival()).call
    assert (arrival.trunk, arrival.caller_number, arrival.called_number) == ("first", "13812345678", "12345")
    assert arrival.diverted_from == "02223456789"
    assert (await WireCall(floor.first, called="110").ask("INVITE", body=sdp_of())).status == 404


@pytest.mark.parametrize(
    ("caller", "headers", "number", "diverted_from"),
    [
        ("<tel:+86-138-1234-5678;npdi>", "", "13812345678", ""),
        ("tel:+8613812345678", "", "13812345678", ""),
        (
            "<sip:x@y>",
            "P-Asserted-Identity: <sip:10.0.0.1>, tel:13812345678\r\n",
            "13812345678",
            "",
        ),
        ("<sip:x@y>", "P-Asserted-Identity: <urn:x>, <tel:008613812345678;cpc=ordinary>\r\n", "13812345678", ""),
        (
            "<sip:x@y>",
            "History-Info: <sip:+862223456789@ims>;index=1, <sip:12345@ims;cause=302>;index=1.1;mp=1\r\n",
            "x",
            "02223456789",
        ),
    ],
)
async def test_identities_as_ims_networks_write_them(
    floor: Floor, caller: str, headers: str, number: str, diverted_from: str
) -> None:
    call = WireCall(floor.first)
    invite = call.request("INVITE", body=sdp_of(), headers=headers)
    sender = next(line for line in invite.splitlines() if line.startswith("From:"))
    floor.first.send(invite.replace(sender, f"From: {caller};tag=ims"))
    answered = await floor.first.take(method="INVITE", status=0)
    assert (answered.status, answered.header("from")) == (200, f"{_in_brackets(caller)};tag=ims")
    arrival = (await floor.board.arrival()).call
    assert (arrival.caller_number, arrival.diverted_from) == (number, diverted_from)


def _in_brackets(uri: str) -> str:
    return uri if uri.startswith("<") else f"<{uri}>"


async def test_a_caller_who_withholds_the_number_stays_anonymous(floor: Floor) -> None:
    call = WireCall(floor.first, caller="anonymous")
    headers = "P-Asserted-Identity: <sip:13812345678@provider.example>\r\nPrivacy: id\r\n"
    assert (await call.ask("INVITE", body=sdp_of(), headers=headers)).status == 200
    assert (await floor.board.arrival()).call.caller_number == "anonymous"


async def test_the_codecs_of_a_trunk_are_offered_and_taken() -> None:
    async with open_floor("keepalive = 0\ncodecs = pcmu") as floor:
        _, heard = floor.dial()
        invite = await floor.first.take(method="INVITE")
        assert "RTP/AVP 0 101\r\n" in invite.body
        floor.first.answer(invite, 486, "Busy")
        assert await heard.next("ended") == (True, 486)
        ok = await WireCall(floor.first).ask("INVITE", body=sdp_of(payloads="8 0 101"))
        assert "RTP/AVP 0 101\r\n" in ok.body
        assert (await WireCall(floor.first).ask("INVITE", body=sdp_of(payloads="8 101"))).status == 488


def standing(floor: Floor, name: str = "first") -> str:
    return next(line.standing for line in floor.board.endpoint.trunks() if line.name == name)


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(round(DEADLINE_S / 0.02)):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not become so")


async def test_a_trunk_that_answers_options_is_up_and_one_that_stops_goes_down_and_comes_back() -> None:
    async with open_floor("keepalive = 1") as floor:
        options = await floor.first.take(method="OPTIONS")
        assert options.first == f"OPTIONS sip:{FIRST}:{floor.first.port} SIP/2.0"
        assert standing(floor) == "unknown"
        floor.first.answer(options, 200, "OK")
        await until(lambda: standing(floor) == "up")
        # Two questions that are refused by a server that is going down count as two that are not answered.
        for _ in range(2):
            question = await floor.first.take(method="OPTIONS")
            floor.first.answer(question, 503, "Service Unavailable")
        await until(lambda: standing(floor) == "down")
        _, heard = floor.dial()
        floor.second.answer(await floor.second.take(method="INVITE"), 486, "Busy")
        assert await heard.next("ended") == (True, 486)
        floor.first.answer(await floor.first.take(method="OPTIONS"), 405, "Method Not Allowed")
        await until(lambda: standing(floor) == "up")


async def answer_register(server: WirePhone, request: Message, status: int, headers: str = "") -> None:
    via = "".join(f"Via: {value}\r\n" for value in request.headers["via"])
    server.send(
        f"SIP/2.0 {status} Answer\r\n{via}From: {request.header('from')}\r\nTo: {request.header('to')};tag=r\r\n"
        f"Call-ID: {request.header('call-id')}\r\nCSeq: {request.header('cseq')}\r\n{headers}Content-Length: 0\r\n\r\n"
    )


async def test_a_registering_trunk_is_proven_by_sha256_known_by_its_address_and_called_by_its_account() -> None:
    account = "keepalive = 0\nregister = yes\nuser = line7\npassword = secret\ncaller_id = 02212345\ncaller_id_in = pai"
    async with open_floor(account) as floor:
        first = await floor.first.take(method="REGISTER")
        assert first.header("to") == f"<sip:line7@{FIRST}:{floor.first.port}>"
        challenges = "".join(
            f'WWW-Authenticate: Digest realm="p", nonce="n", algorithm={algorithm}, qop="auth"\r\n'
            for algorithm in ("SHA-512-256-X", "SHA-256", "MD5")
        )
        await answer_register(floor.first, first, 401, challenges)
        proven = await floor.first.take(method="REGISTER")
        assert "algorithm=SHA-256" in proven.header("authorization")
        await answer_register(floor.first, proven, 200, f"Contact: {proven.header('contact')}\r\n")
        await until(lambda: standing(floor) == "up")
        assert floor.board.endpoint.trunks()[0].registered is True
        call = WireCall(floor.first, called="line7")
        invite = call.request("INVITE", body=sdp_of()).replace("To: <sip:line7@", "To: <sip:+862212345@")
        floor.first.send(invite)
        assert (await floor.first.take(method="INVITE", status=0)).status == 200
        assert (await floor.board.arrival()).call.called_number == "12345"
        _, heard = floor.dial()
        out = await floor.first.take(method="INVITE")
        assert out.header("from").startswith(f"<sip:line7@{FIRST}>")
        assert out.header("p-asserted-identity") == f"<sip:02212345@{FIRST}>"
        floor.first.answer(
            out, 407, "Prove\r\n" + 'Proxy-Authenticate: Digest realm="p", nonce="m", algorithm=MD5, qop="auth"'
        )
        again = await floor.first.take(method="INVITE")
        assert 'username="line7"' in again.header("proxy-authorization")
        floor.first.answer(again, 486, "Busy")
        assert await heard.next("ended") == (True, 486)
