"""Trunks against stock programs: sipp over TCP and IPv6, providers that fail, a registrar, and baresip on a trunk."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from telephony.settings import TelephonySettings
from telephony.sip.conf import parse_sip_conf
from tests.free_port import free_port
from tests.telephony.peers import DEADLINE_S, baresip, end, start_sipp, succeeds, until
from tests.telephony.sipp_script import SippScript, sound
from tests.telephony.switchboard import OUR_SOUND, Heard, Switchboard

pytestmark = pytest.mark.slow
CALLS = 5


@asynccontextmanager
async def switchboard(conf: str, *, address: str = "127.0.0.1") -> AsyncIterator[Switchboard]:
    settings = TelephonySettings(sip_port=0, sip_address=address, rtp_address=address)
    board = Switchboard(conf=parse_sip_conf(conf), settings=settings)
    await board.endpoint.start()
    try:
        yield board
    finally:
        await board.endpoint.stop()


def dial(board: Switchboard, target: str) -> Heard:
    heard = Heard()
    board.endpoint.place_call(target, caller_number="02212345", media=OUR_SOUND, events=heard, timeout_s=20.0)
    return heard


def calling() -> SippScript:
    script = SippScript().request("INVITE", body=sound(), early=True).expect(100, optional=True).expect(200)
    return script.ack().request("BYE").expect(200)


def called() -> SippScript:
    script = SippScript().expect_call().answer(180, "Ringing").answer(200, "OK", body=sound()).expect_request("ACK")
    return script.wait(200).request_as_callee("BYE").expect(200)


@pytest.mark.parametrize(("host", "transport"), [("127.0.0.1", "t1"), ("::1", "u1"), ("::1", "t1")])
async def test_sipp_calls_over_tcp_and_ipv6(tmp_path: Path, host: str, transport: str) -> None:
    async with switchboard(f"[trunk city]\nallow = {host}\n", address="::") as board:
        sipp = await start_sipp(
            tmp_path, calling(), free_port(), calls=CALLS, remote=board.endpoint.port, host=host, transport=transport
        )
        await succeeds(sipp, tmp_path)
        for _ in range(CALLS):
            arrival = await board.arrival()
            assert arrival.call.trunk == "city"
            assert arrival.call.media is not None
            assert arrival.call.media.address == host
            assert await until(arrival.heard, "ended") == (True, 200)


async def test_sipp_is_a_trunk_over_tcp_that_answers_options(tmp_path: Path) -> None:
    port = free_port()
    alive = SippScript().expect_request("OPTIONS", "Via: SIP/2.0/TCP").answer(200, "OK")
    async with switchboard(f"[trunk city]\nhost = 127.0.0.1:{port}\ntransport = tcp\nkeepalive = 2\n") as board:
        # sipp says nothing when it listens; it is asked again until it does.
        await succeeds(await start_sipp(tmp_path, alive, port, transport="t1"), tmp_path)
        for _ in range(round(DEADLINE_S / 0.05)):
            if board.endpoint.trunks()[0].standing == "up":
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the trunk never came up")


async def test_a_call_goes_on_from_a_failing_trunk_to_the_next(tmp_path: Path) -> None:
    ports = [free_port(), free_port()]
    conf = "".join(f"[trunk t{port}]\nhost = 127.0.0.1:{port}\nkeepalive = 0\nfailover_after = 10\n" for port in ports)
    refusing = SippScript().expect_call().answer(503, "Service Unavailable").expect_request("ACK")
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    async with switchboard(conf) as board:
        first = await start_sipp(tmp_path / "first", refusing, ports[0])
        second = await start_sipp(tmp_path / "second", called(), ports[1])
        heard = dial(board, "tel:01062345678")
        assert (await until(heard, "answered")).port == 40000
        assert await until(heard, "ended") == (True, 200)
        await succeeds(first, tmp_path / "first")
        await succeeds(second, tmp_path / "second")


async def test_sipp_over_the_limit_of_its_trunk_is_busy(tmp_path: Path) -> None:
    async with switchboard("[trunk city]\nallow = 127.0.0.1\nmax_calls_in = 0\n") as board:
        script = SippScript().request("INVITE", body=sound(), early=True).expect(100, optional=True)
        script = script.expect(486).ack(refused=True)
        sipp = await start_sipp(tmp_path, script, free_port(), calls=CALLS, remote=board.endpoint.port)
        await succeeds(sipp, tmp_path)


@pytest.mark.parametrize("digest", ["md5", "sha256", "both"])
async def test_a_registering_trunk_is_called_and_calls(digest: str) -> None:
    port = free_port()
    conf = (
        f"[general]\narea_code = 022\n[trunk city]\nhost = 127.0.0.1:{port}\nregister = yes\nuser = 8602212345\n"
        f"password = a-secret-word\ntransport = {'tcp' if digest == 'both' else 'udp'}\ncaller_id = 8602212345\n"
    )
    provider = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).parents[1] / "provider.py"),
        *(str(port), "8602212345", "a-secret-word", digest),
    )
    try:
        async with switchboard(conf) as board:
            async with asyncio.timeout(DEADLINE_S):
                arrival = await board.arrivals.get()
            assert (arrival.call.trunk, arrival.call.caller_number) == ("city", "13812345678")
            assert arrival.call.called_number == "12345"
            assert board.endpoint.trunks()[0].registered is True
            assert (await until(dial(board, "tel:01062345678"), "answered")).port == 20000
    finally:
        await end(provider)


async def test_baresip_on_a_trunk_calls_and_is_called(tmp_path: Path) -> None:
    port = free_port()
    conf = f"[general]\narea_code = 022\n[trunk city]\nhost = 127.0.0.1:{port}\nkeepalive = 0\nnumbers = 12345\n"
    async with (
        switchboard(conf) as board,
        baresip(tmp_path, board.endpoint.port, user="13812345678", port=port) as phone,
    ):
        for transport in ("udp", "tcp"):
            phone.command("dial", f"sip:12345@127.0.0.1:{board.endpoint.port};transport={transport}")
            arrival = await board.arrival()
            assert (arrival.call.trunk, arrival.call.caller_number) == ("city", "13812345678")
            await phone.event("CALL_ESTABLISHED")
            arrival.leg.hang_up()
            assert await until(arrival.heard, "ended") == (False, 0)
        heard = dial(board, "tel:13812345678")
        assert (await until(heard, "answered")).digits_payload == 101
        phone.command("hangup")
        assert await until(heard, "ended") == (True, 200)
