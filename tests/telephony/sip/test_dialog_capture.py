"""What we send, read by tshark: no malformed SIP, SDP or RTP in a capture of whole calls."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from domain.call import DigitSource
from telephony.media.media_plane import RtpMediaPlane
from telephony.ports import InboundCall, MediaDescription, MediaLeg, SipLeg
from telephony.settings import TelephonySettings
from tests.free_port import free_port
from tests.telephony.peers import DEADLINE_S, baresip, program, start_sipp, succeeds, until
from tests.telephony.sip.test_dialog_sipp import (
    bye,
    hold_in_all_directions,
    reliable_early_sound,
    session_that_we_refresh,
    sound_then_answer,
    up,
)
from tests.telephony.switchboard import OUR_SOUND, PASSWORD, Heard, Switchboard

pytestmark = pytest.mark.slow
TONE = bytes(range(160)) * 50
"""1 s of any A-law."""

ERRORS = "_ws.malformed || _ws.expert.severity >= 0x600000"
"""Warnings and errors."""


class Silent:
    """Implements ports.MediaEvents and does nothing."""

    def on_digit(self, digit: str, source: DigitSource) -> None: ...

    def on_played(self, token: int) -> None: ...

    def on_chunk(self, media_ms: int, alaw: bytes) -> None: ...

    def on_silent(self, seconds: float) -> None: ...

    def on_back(self) -> None: ...


@asynccontextmanager
async def captured(file: Path) -> AsyncIterator[None]:
    """Everything on loopback that is UDP, until the end of the block."""
    tshark = await asyncio.create_subprocess_exec(
        *(program("tshark", "tshark"), "-i", "lo", "-f", "udp", "-w", str(file), "-a", "duration:60"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert tshark.stderr is not None
    said = b""
    async with asyncio.timeout(DEADLINE_S):
        while b"Capturing on" not in said:
            line = await tshark.stderr.readline()
            if not line:
                pytest.skip(f"tshark may not capture here: {said.decode(errors='replace')[:200]}")
            said += line
    # It says so a moment before the first packet is taken.
    await asyncio.sleep(0.5)
    try:
        yield
    finally:
        await asyncio.sleep(0.5)
        tshark.terminate()
        await tshark.communicate()


async def lines_of(file: Path, port: int, filter_: str, *fields: str) -> list[str]:
    """The packets of a capture that pass the filter, SIP being on `port`."""
    wanted = [argument for field in fields for argument in ("-e", field)]
    tshark = await asyncio.create_subprocess_exec(
        *(program("tshark", "tshark"), "-r", str(file), "-d", f"udp.port=={port},sip", "-o", "rtp.heuristic_rtp:FALSE"),
        *("-Y", filter_, "-T", "fields", *wanted),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await tshark.communicate()
    assert tshark.returncode == 0, errors.decode(errors="replace")
    return output.decode(errors="replace").splitlines()


async def test_nothing_that_we_send_is_malformed(tmp_path: Path) -> None:
    settings = TelephonySettings(sip_port=0, rtp_port_first=0, sip_session_s=4, sip_session_min_s=2)
    board = Switchboard(settings=settings)
    plane = RtpMediaPlane(settings)
    await board.endpoint.start()
    await plane.start()
    legs: list[MediaLeg] = []

    def with_sound(call: InboundCall, leg: SipLeg) -> None:
        media = plane.open_leg(Silent())
        legs.append(media)
        assert call.media is not None
        media.connect(call.media)
        leg.answer(msgspec.structs.replace(OUR_SOUND, port=media.port))
        media.play(TONE, token=1)
        media.send_digit("5")

    file = tmp_path / "calls.pcap"
    port = board.endpoint.port
    async with captured(file):
        for take_call, script in (
            (with_sound, bye(up().wait(1200))),
            (with_sound, hold_in_all_directions()),
            (sound_then_answer, reliable_early_sound()),
            (with_sound, session_that_we_refresh()),
        ):
            board.take_call = take_call
            await succeeds(await start_sipp(tmp_path, script, free_port(), remote=port), tmp_path)
        await _a_phone_is_called_holds_and_transfers(board, tmp_path / "phone")
        await _send_a_wrong_message(nobody := free_port())
    for media in legs:
        media.close()
    await plane.stop()
    await board.endpoint.stop()
    ours = f"(udp.srcport == {port} && sip)"
    sent = {line.split("\t")[0] for line in await lines_of(file, port, ours, "sip.CSeq.method")}
    assert {"INVITE", "PRACK", "UPDATE", "REFER", "NOTIFY", "BYE", "REGISTER", "ACK"} <= sent
    assert len(await lines_of(file, port, "rtp", "rtp.seq")) > 50
    assert await lines_of(file, port, f"({ours} || rtp) && ({ERRORS})", "frame.number", "_ws.expert.message") == []
    # What is wrong would be found.
    assert await lines_of(file, nobody, f"udp.dstport == {nobody} && ({ERRORS})", "frame.number")


async def _a_phone_is_called_holds_and_transfers(board: Switchboard, folder: Path) -> None:
    async with baresip(folder, board.endpoint.port, password=PASSWORD) as phone:
        await board.phone_change()
        heard = Heard()
        sound: MediaDescription = OUR_SOUND
        leg = board.endpoint.place_call(
            "8001", caller_number="13812345678", media=sound, events=heard, timeout_s=DEADLINE_S
        )
        await until(heard, "answered")
        phone.command("hold")
        await until(heard, "changed")
        phone.command("transfer", f"sip:8002@127.0.0.1:{board.endpoint.port}")
        await until(heard, "transfer", "changed")
        leg.tell_transfer(200, "OK")
        await until(heard, "ended", "changed")


async def _send_a_wrong_message(port: int) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=("127.0.0.1", port))
    transport.sendto(
        b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nNo colon\r\nCSeq: 1 OPTIONS\r\n\r\n"
    )
    transport.close()
