"""`hotline trunks` and `hotline bans`, over a real NATS to an endpoint that is attacked."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from bus.connection import connect
from bus.server import NatsServer
from bus.settings import BusSettings
from domain.topics import SIP_EDGE
from telephony.sip.conf import parse_sip_conf
from telephony.sip.edge import SipEdge
from tests.free_port import free_port
from tests.telephony.switchboard import Switchboard
from tests.telephony.wire_phone import WireCall, WirePhone, sdp_of

pytestmark = pytest.mark.slow


BANS = (
    "from hotline.edge_commands import bans_app; from hotline.logs import configure_logs; "
    "configure_logs('hotline', form='console', level='warning'); bans_app()"
)
"""Starts in a third of the time of the whole command."""


async def run(*words: str) -> tuple[int | None, str]:
    """Exit status and output of `hotline …`."""
    program = ("-c", BANS, *words[1:]) if words[0] == "bans" else ("-m", "hotline", *words)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_trunks_and_bans_are_listed_and_a_ban_is_lifted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("HOTLINE_SERVICE__DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HOTLINE_BUS__PORT", str(port))
    monkeypatch.delenv("HOTLINE_CONFIG", raising=False)
    settings = BusSettings(port=port)
    server = NatsServer(tmp_path, settings)
    await server.start()
    board = Switchboard(
        conf=parse_sip_conf("[general]\nban_after = 1\n[trunk city]\nhost = 127.0.0.2:5060\nkeepalive = 0\n")
    )
    await board.endpoint.start()
    stranger = await WirePhone.open(board.endpoint.port, own_host="127.0.0.9")
    connection = await connect(settings, "switch-1", tmp_path)
    await connection.bus.serve(SIP_EDGE, ("switch-1",), SipEdge("switch-1", board.endpoint).answer)
    try:
        assert json.loads((await run("trunks", "--json"))[1])["name"] == "city"
        for _ in range(10):
            await WireCall(stranger).ask("INVITE", body=sdp_of())
        assert "request without proof" in (await run("bans"))[1]
        assert await run("bans", "lift", "127.0.0.9") == (0, "127.0.0.9 is let in again\n")
        assert await run("bans", "lift", "nobody") == (1, "nobody is not shut out: see `hotline bans`\n")
        assert (await run("bans"))[1] == "nobody is shut out\n"
    finally:
        stranger.close()
        await connection.close()
        await board.endpoint.stop()
        await server.stop()
