"""Real messages, mutated, at an endpoint with calls up: bounded in count, and the same at every run."""

import asyncio
import random
import re

import pytest

from tests.telephony.sip.test_early_dialog import place
from tests.telephony.switchboard import Heard, Switchboard
from tests.telephony.wire_phone import Message, WireCall, WirePhone, sdp_of

pytestmark = pytest.mark.slow
MUTATIONS = 3000
METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE", "PRACK", "REFER", "REGISTER", "NOTIFY", "FOO")
HEADERS = (
    "Require: 100rel\r\nRAck: 1 1 INVITE\r\nRSeq: 1\r\nSession-Expires: 90;refresher=uac\r\nMin-SE: 90\r\n"
    "Supported: timer, 100rel\r\nRefer-To: <sip:8002@127.0.0.1?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n"
    "P-Asserted-Identity: <tel:+8613812345678;npdi>, <sip:+8613812345678@ims>\r\nDiversion: <tel:110>;reason=x\r\n"
    "History-Info: <sip:1@ims>;index=1, <sip:12345@ims?Reason=SIP%3Bcause%3D302>;index=1.1;mp=1\r\n"
    "Replaces: a;to-tag=1;from-tag=2\r\nRecord-Route: <sip:127.0.0.1;lr>\r\nAllow: INVITE, UPDATE\r\n"
)
PIECES = (
    *("", " ", ",", ";", "<", ">", '"', "=", ":", "@", "%00", "\r\n", "\t", "\x00", "0", "-1", "4294967296", "1e9"),
    *(
        "sip:",
        "tel:",
        "<tel:+86;",
        "sip:[::",
        "a=",
        "m=audio 0 RTP/AVP 8",
        "c=IN IP4 0.0.0.0",
        "SIP/2.0",
        "市民",
        "A" * 3000,
    ),
)


def mutated(random_: random.Random, text: str) -> bytes:
    """One to four changes: a line dropped, doubled or moved, a word replaced, a number changed, bytes turned, a cut."""
    for _ in range(random_.randint(1, 4)):
        lines = text.split("\r\n")
        at = random_.randrange(len(lines))
        match random_.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, random_.choice(lines))
            case 2:
                words = re.split(r"([\s;,:=<>@])", lines[at])
                words[random_.randrange(len(words))] = random_.choice(PIECES)
                lines[at] = "".join(words)
            case 3:
                lines[at] = re.sub(r"\d+", lambda _: random_.choice(PIECES), lines[at], count=1)
            case 4:
                lines[at] = lines[at][: random_.randrange(len(lines[at]) + 1)]
            case _:
                position = random_.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:position] + random_.choice(PIECES) + lines[at][position:]
        text = "\r\n".join(lines)
    data = bytearray(text.encode())
    if data and random_.random() < 0.2:
        data[random_.randrange(len(data))] = random_.randrange(256)
    return bytes(data)


async def test_calls_survive_mutated_requests(board: Switchboard, phone: WirePhone) -> None:
    random_ = random.Random(3261)
    kept = [WireCall(phone) for _ in range(5)]
    for call in kept:
        await call.establish()
    stranger = await WirePhone.open(board.endpoint.port)
    victims = [WireCall(stranger, called=str(number)) for number in range(20)]
    for victim in victims:
        await victim.establish()
    for number in range(MUTATIONS):
        method = random_.choice(METHODS)
        call = random_.choice(victims) if random_.random() < 0.7 else WireCall(stranger)
        body = sdp_of(extra=random_.choice(("", "a=sendonly\r\n"))) if method in ("INVITE", "UPDATE", "PRACK") else ""
        stranger.send(mutated(random_, call.request(method, body=body, headers=HEADERS)))
        if number % 50 == 0:
            # The loop must breathe, or its own socket overflows.
            await asyncio.sleep(0.01)
    for call in kept:
        assert (await call.ask("UPDATE", body=sdp_of())).status == 200
        assert (await call.ask("BYE")).status == 200
    new = WireCall(phone)
    await new.establish()
    assert (await new.ask("BYE")).status == 200
    stranger.calls.clear()
    stranger.close()


async def test_calls_survive_mutated_responses(board: Switchboard, phone: WirePhone) -> None:
    random_ = random.Random(3262)
    kept = WireCall(phone)
    await kept.establish()
    stranger = await WirePhone.open(board.endpoint.port)
    heards = []
    for _ in range(60):
        _, heard = place(board, stranger, timeout_s=1.0)
        heards.append(heard)
        asked = await stranger.take(method="INVITE")
        for status in random_.choices((100, 180, 183, 200, 302, 401, 407, 422, 486, 491, 503, 600), k=20):
            stranger.send(mutated(random_, response_to(asked, status)))
        await asyncio.sleep(0)
    for heard in heards:
        await ends(heard)
    assert (await kept.ask("BYE")).status == 200
    leg, heard = place(board, phone)
    phone.answer(await phone.take(method="INVITE"), 200, "OK", body=sdp_of())
    await heard.next("answered")
    leg.hang_up()
    phone.answer(await phone.take(method="BYE"), 200, "OK")
    stranger.close()


def response_to(asked: Message, status: int) -> str:
    via = "".join(f"Via: {value}\r\n" for value in asked.headers["via"])
    body = sdp_of() if status in (183, 200) else ""
    return (
        f"SIP/2.0 {status} Answer\r\n{via}From: {asked.header('from')}\r\nTo: {asked.header('to')};tag=s\r\n"
        f"Call-ID: {asked.header('call-id')}\r\nCSeq: {asked.header('cseq')}\r\nContact: <sip:s@127.0.0.1:9>\r\n"
        'WWW-Authenticate: Digest realm="a", nonce="b", algorithm=MD5, qop="auth"\r\n'
        f"{HEADERS}Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


async def ends(heard: Heard) -> None:
    """A call that was answered by a mutation stays up: it is left alone; every other one ends by its time-out."""
    async with asyncio.timeout(10.0):
        while (await heard.events.get())[0] not in ("ended", "answered"):
            pass
