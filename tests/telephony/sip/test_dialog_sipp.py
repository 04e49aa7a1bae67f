"""The dialog against sipp, as trunk peer in both roles."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from telephony.ports import InboundCall, SipLeg
from telephony.settings import TelephonySettings
from tests.free_port import free_port
from tests.telephony.peers import DEADLINE_S, start_sipp, succeeds
from tests.telephony.sipp_script import SippScript, sound
from tests.telephony.switchboard import OUR_SOUND, Heard, Switchboard

pytestmark = pytest.mark.slow
CALLS = 5
RELIABLE = "Require: 100rel\n"
TIMER = "Supported: timer\n"


@pytest.fixture
async def board() -> AsyncIterator[Switchboard]:
    """Its calls live for 4 s without a refresh."""
    board = Switchboard(settings=TelephonySettings(sip_port=0, sip_session_s=4, sip_session_min_s=2))
    await board.endpoint.start()
    yield board
    await board.endpoint.stop()


def ring(_call: InboundCall, leg: SipLeg) -> None:
    leg.ring()


def ring_then_answer(_call: InboundCall, leg: SipLeg) -> None:
    leg.ring()
    asyncio.get_running_loop().call_later(0.2, leg.answer, OUR_SOUND)


def sound_then_answer(_call: InboundCall, leg: SipLeg) -> None:
    leg.ring(OUR_SOUND)
    leg.answer(OUR_SOUND)


def leave(_call: InboundCall, _leg: SipLeg) -> None:
    """Only 100 Trying."""


def answer(_call: InboundCall, leg: SipLeg) -> None:
    leg.answer(OUR_SOUND)


def up(headers: str = "", **ok: str) -> SippScript:
    """A call that is answered at once. ok: what the 200 must match."""
    script = SippScript().request("INVITE", body=sound(), headers=headers, early=True)
    return script.expect(100, optional=True).expect(200, *ok.values()).ack()


def bye(script: SippScript) -> SippScript:
    return script.request("BYE").expect(200)


def prack(script: SippScript) -> SippScript:
    return script.request("PRACK", headers=f"RAck: {script.kept} 1 INVITE\n").expect(200)


def cancel_before_ringing() -> SippScript:
    script = SippScript().request("INVITE", body=sound(), early=True).expect(100).request("CANCEL", early=True)
    return script.expect(200).expect(487, "To:.*;tag=").ack(refused=True)


def cancel_after_ringing() -> SippScript:
    script = SippScript().request("INVITE", body=sound(), early=True).expect(100, optional=True).expect(180)
    return script.request("CANCEL", early=True).expect(200).expect(487, "To:.*;tag=").ack(refused=True)


def cancel_crossing_the_answer() -> SippScript:
    script = SippScript().request("INVITE", body=sound(), early=True).expect(100, optional=True).expect(200)
    return bye(script.request("CANCEL", early=True).expect(481).ack())


def delayed_offer() -> SippScript:
    script = SippScript().request("INVITE", early=True).expect(100, optional=True)
    return bye(script.expect(200, "m=audio 20000 RTP/AVP 8 0 101").ack(body=sound()))


def hold_in_all_directions() -> SippScript:
    script = up()
    held = [
        ("sendonly", "[local_ip]", "recvonly"),
        ("recvonly", "[local_ip]", "sendonly"),
        ("inactive", "[local_ip]", "inactive"),
        ("sendrecv", "0.0.0.0", "recvonly"),
        ("sendrecv", "[local_ip]", "sendrecv"),
    ]
    for version, (direction, address, answered) in enumerate(held, 2):
        body = sound(direction, address=address, version=version)
        script.request("INVITE", body=body).expect(100, optional=True).expect(200, f"a={answered}").ack()
    return bye(script)


def reinvite_without_an_offer() -> SippScript:
    script = up().request("INVITE").expect(100, optional=True)
    return bye(script.expect(200, "m=audio 20000 RTP/AVP 8 0 101").ack(body=sound(version=2)))


def updates() -> SippScript:
    script = up(ok="Allow:.*UPDATE").request("UPDATE", body=sound("sendonly", version=2)).expect(200, "a=recvonly")
    return bye(script.request("UPDATE").expect(200))


def reliable_ringing() -> SippScript:
    script = SippScript().request("INVITE", body=sound(), headers=RELIABLE, early=True).expect(100, optional=True)
    script.expect(180, "Require: 100rel", keep="RSeq: ([0-9]+)")
    return bye(prack(script).expect(200, "m=audio 20000").ack())


def reliable_early_sound() -> SippScript:
    script = SippScript().request("INVITE", body=sound(), headers="Supported: 100rel\n", early=True)
    script.expect(100, optional=True).expect(183, "Require: 100rel", "m=audio 20000", keep="RSeq: ([0-9]+)")
    return bye(prack(script).expect(200, "Content-Length: 0").ack())


def early_sound() -> SippScript:
    script = SippScript().request("INVITE", body=sound(), early=True).expect(100, optional=True)
    return bye(script.expect(183, "m=audio 20000").expect(200, "m=audio 20000").ack())


def session_that_its_caller_refreshes() -> SippScript:
    refresh = f"{TIMER}Session-Expires: 4;refresher=uac\n"
    script = up(refresh, ok="Session-Expires: 4;refresher=uac", need="Require: timer")
    script.wait(1800).request("UPDATE", headers=refresh).expect(200, "Session-Expires: 4;refresher=uac")
    return bye(script.wait(1800))


def session_that_its_caller_forgets() -> SippScript:
    script = up(f"{TIMER}Session-Expires: 4;refresher=uac\n")
    return script.expect_request("BYE").answer_in_dialog(200, "OK")


def session_that_we_refresh() -> SippScript:
    script = up(f"{TIMER}Session-Expires: 4;refresher=uas\nAllow: INVITE, UPDATE\n", ok="refresher=uas")
    script.expect_request("UPDATE", "Session-Expires: 4;refresher=uac")
    return bye(script.answer_in_dialog(200, "OK", headers="Session-Expires: 4;refresher=uac\n"))


def session_that_we_refresh_by_reinvite_after_glare() -> SippScript:
    script = up(f"{TIMER}Session-Expires: 4;refresher=uas\n", ok="refresher=uas")
    script.expect_request("INVITE", "m=audio 20000").answer_in_dialog(491, "Request Pending").expect_request("ACK")
    script.expect_request("INVITE", "m=audio 20000")
    script.answer_in_dialog(200, "OK", body=sound(), headers="Session-Expires: 4;refresher=uac\n")
    return bye(script.expect_request("ACK"))


def session_too_brief() -> SippScript:
    script = SippScript().request("INVITE", body=sound(), headers=f"{TIMER}Session-Expires: 1\n", early=True)
    return script.expect(100, optional=True).expect(422, "Min-SE: 2").ack(refused=True)


def unknown_extension() -> SippScript:
    script = SippScript().request("INVITE", body=sound(), headers="Require: x-none\n", early=True)
    return script.expect(100, optional=True).expect(420, "Unsupported: x-none").ack(refused=True)


def no_common_codec() -> SippScript:
    body = sound().replace("RTP/AVP 8 101", "RTP/AVP 18 101").replace("8 PCMA/8000", "18 G729/8000")
    script = SippScript().request("INVITE", body=body, early=True).expect(100, optional=True)
    return script.expect(488, "Warning: 305").ack(refused=True)


def no_more_calls() -> SippScript:
    script = SippScript().request("INVITE", body=sound(), early=True).expect(100, optional=True)
    return script.expect(503, "Retry-After: [0-9]").ack(refused=True)


def numbers_as_tel_uris() -> SippScript:
    """As IMS networks write them; our answers say them again as they came."""
    caller, called = "<tel:+86-138-1234-5678;npdi>;tag=[call_number]", "<tel:12345;phone-context=+86>"
    script = SippScript(caller=caller, called=called, uri="tel:12345;phone-context=+86")
    script.request("INVITE", body=sound(), early=True).expect(100, optional=True)
    script.expect(200, "From: <tel:[+]86-138-1234-5678;npdi>;tag=", "To: <tel:12345;phone-context=[+]86>;tag=").ack()
    return bye(script)


def methods_that_we_lack() -> SippScript:
    script = up()
    for method, status in (("MESSAGE", 405), ("SUBSCRIBE", 405), ("REFER", 403), ("FOO", 501)):
        script.request(method).expect(status)
    return bye(script)


def caller_hangs_up() -> SippScript:
    return bye(up())


def we_hang_up() -> SippScript:
    return up().expect_request("BYE").answer_in_dialog(200, "OK")


def refuse_as_full(_call: InboundCall, leg: SipLeg) -> None:
    leg.reject(503, "Service Unavailable")


def answer_and_hang_up(_call: InboundCall, leg: SipLeg) -> None:
    leg.answer(OUR_SOUND)
    asyncio.get_running_loop().call_later(0.2, leg.hang_up)


TakeCall = Callable[[InboundCall, SipLeg], None]


@pytest.mark.parametrize(
    ("script", "take_call", "ended"),
    [
        (caller_hangs_up, answer, (True, 200)),
        (we_hang_up, answer_and_hang_up, (False, 0)),
        (cancel_before_ringing, leave, (True, 487)),
        (cancel_after_ringing, ring, (True, 487)),
        (cancel_crossing_the_answer, answer, (True, 200)),
        (delayed_offer, answer, (True, 200)),
        (hold_in_all_directions, answer, (True, 200)),
        (reinvite_without_an_offer, answer, (True, 200)),
        (updates, answer, (True, 200)),
        (reliable_ringing, ring_then_answer, (True, 200)),
        (reliable_early_sound, sound_then_answer, (True, 200)),
        (early_sound, sound_then_answer, (True, 200)),
        (session_that_its_caller_refreshes, answer, (True, 200)),
        (session_that_its_caller_forgets, answer, (False, 408)),
        (session_that_we_refresh, answer, (True, 200)),
        (session_that_we_refresh_by_reinvite_after_glare, answer, (True, 200)),
        (session_too_brief, answer, None),
        (unknown_extension, answer, None),
        (no_common_codec, answer, None),
        (numbers_as_tel_uris, answer, (True, 200)),
        (methods_that_we_lack, answer, (True, 200)),
    ],
)
async def test_a_trunk_calls(
    board: Switchboard,
    tmp_path: Path,
    script: Callable[[], SippScript],
    take_call: TakeCall,
    ended: tuple[bool, int] | None,
) -> None:
    board.take_call = take_call
    sipp = await start_sipp(tmp_path, script(), free_port(), calls=CALLS, remote=board.endpoint.port)
    await succeeds(sipp, tmp_path)
    for _ in range(CALLS if ended is not None else 0):
        heard = (await board.arrival()).heard
        while (event := await asyncio.wait_for(heard.events.get(), DEADLINE_S))[0] != "ended":
            assert event[0] in ("changed", "answered")
        assert event[1] == ended
    assert board.arrivals.empty()
    assert REGISTRY.get_sample_value("hotline_telephony_sip_legs", {"direction": "inbound"}) == 0


async def test_a_trunk_is_told_when_a_full_switch_takes_calls_again(board: Switchboard, tmp_path: Path) -> None:
    board.take_call = refuse_as_full
    sipp = await start_sipp(tmp_path, no_more_calls(), free_port(), calls=CALLS, remote=board.endpoint.port)
    await succeeds(sipp, tmp_path)


async def test_a_trunk_asks_for_options(board: Switchboard, tmp_path: Path) -> None:
    script = SippScript().request("OPTIONS", early=True).expect(200, "Allow:.*INVITE", "Accept: application/sdp")
    await succeeds(await start_sipp(tmp_path, script, free_port(), calls=CALLS, remote=board.endpoint.port), tmp_path)


def rings_and_answers() -> SippScript:
    script = SippScript().expect_call("Supported:.*100rel", "Session-Expires: 4").answer(180, "Ringing")
    script.answer(200, "OK", body=sound()).expect_request("ACK")
    return script.expect_request("BYE").answer_in_dialog(200, "OK")


def rings_reliably_with_early_sound() -> SippScript:
    script = SippScript().expect_call()
    script.answer(183, "Session Progress", body=sound(), headers="Require: 100rel\nRSeq: 4711\n")
    script.expect_request("PRACK", "RAck: 4711 [0-9]* INVITE").answer_in_dialog(200, "OK")
    script.request_as_callee("UPDATE", body=sound("sendonly", version=2)).expect(200, "a=recvonly")
    return script.expect_request("CANCEL").answer(200, "OK")


def wants_a_longer_session() -> SippScript:
    script = SippScript().expect_call().answer(422, "Session Interval Too Small", headers="Min-SE: 7\n")
    script.expect_request("ACK").expect_call("Session-Expires: 7", "Min-SE: 7").answer(200, "OK", body=sound())
    return script.expect_request("ACK").expect_request("BYE").answer_in_dialog(200, "OK")


def holds_resumes_and_hangs_up() -> SippScript:
    script = SippScript().expect_call().answer(200, "OK", body=sound()).expect_request("ACK")
    script.request_as_callee("UPDATE", body=sound("sendonly", version=2)).expect(200, "a=recvonly")
    script.request_as_callee("UPDATE", body=sound(version=3)).expect(200, "a=sendrecv")
    return script.request_as_callee("BYE").expect(200)


def is_busy() -> SippScript:
    return SippScript().expect_call().answer(486, "Busy Here").expect_request("ACK")


@pytest.mark.parametrize(
    ("script", "heard_of", "ended"),
    [
        (rings_and_answers, ["progress", "answered"], (False, 0)),
        (rings_reliably_with_early_sound, ["progress", "early", "changed"], (False, 0)),
        (wants_a_longer_session, ["answered"], (False, 0)),
        (holds_resumes_and_hangs_up, ["answered", "changed", "changed"], (True, 200)),
        (is_busy, [], (True, 486)),
    ],
)
async def test_a_trunk_is_called(
    board: Switchboard,
    tmp_path: Path,
    script: Callable[[], SippScript],
    heard_of: list[str],
    ended: tuple[bool, int],
) -> None:
    port = free_port()
    sipp = await start_sipp(tmp_path, script(), port)
    heard = Heard()
    # sipp says nothing when it listens; our INVITE is repeated until it does.
    leg = board.endpoint.place_call(
        f"sip:8001@127.0.0.1:{port}", caller_number="13812345678", media=OUR_SOUND, events=heard, timeout_s=10.0
    )
    for name in heard_of:
        await heard.next(name, DEADLINE_S)
    if not ended[0]:
        leg.hang_up()
    assert await heard.next("ended", DEADLINE_S) == ended
    await succeeds(sipp, tmp_path)
