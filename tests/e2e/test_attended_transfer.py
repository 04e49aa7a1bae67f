"""An agent's telephone asks somebody on a second line and joins both by its own key, on the whole service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from domain.g711 import RATE_HZ
from hotline.demo_accounts import desk_passwords
from hotline.desk_client import DeskClient
from hotline.sip_accounts import demo_passwords
from tests.e2e.floor import DEADLINE_S, Citizen, Floor, happens, says_note
from tests.e2e.test_agents_telephone import ready_at
from tests.e2e.test_call_control import hears, phase_is, recorded_tones
from tests.e2e.test_phone_dials import agent_is
from tests.e2e.tones import CITIZEN_HZ, LEADER_HZ, hear
from tests.telephony.peers import linphone
from tests.telephony.wire_phone import WireCall, WirePhone, proof, sdp_of

EXTENSION, OUTSIDE = "8001", "01062345678"
THIRD_HZ = LEADER_HZ


@asynccontextmanager
async def signed_in(floor: Floor) -> AsyncIterator[DeskClient]:
    """The agent at the telephone that the test has registered; signed out afterwards."""
    service = floor.service
    async with DeskClient(service.running.web, service.running.certificate) as desk:
        await desk.sign_in(EXTENSION, desk_passwords(service.data_dir)[EXTENSION])
        await ready_at(desk, EXTENSION)
        yield desk
        await desk.call("POST", "/api/agent/command", {"command": "sign_out"})


async def joined(floor: Floor, citizen: Citizen, third: Citizen) -> None:
    """Both hear each other and nobody else; afterwards the call is kept with all that became of it."""
    since_ms = len(citizen.line.heard) * 1000 // RATE_HZ
    says_note(citizen.line, CITIZEN_HZ)
    says_note(third.line, THIRD_HZ)
    await hear((citizen.line, {THIRD_HZ}), (third.line, {CITIZEN_HZ}))
    await asyncio.sleep(1)  # so much is recorded
    citizen.line.hang_up()
    await third.line.ended(DEADLINE_S)
    call = await citizen.is_recorded()
    steps = [(step["what"], step["whom"], step["how"]) for step in (await citizen.view())["history"]]
    assert ("third_called", OUTSIDE, "consult") in steps
    assert ("transferred", OUTSIDE, "consult") in steps
    assert recorded_tones(floor, call, since_ms)[1] == ({CITIZEN_HZ}, {THIRD_HZ})


async def test_linphone_asks_a_department_and_joins_it_with_the_citizen(floor: Floor, tmp_path: Path) -> None:
    service = floor.service
    password = demo_passwords(service.settings)[EXTENSION]
    async with (
        linphone(tmp_path, service.sip_port, user=EXTENSION, password=password) as phone,
        signed_in(floor) as desk,
    ):
        citizen = await floor.call(key="0")
        await citizen.becomes("talking")
        phone.command("pause")
        await phase_is(citizen, "held")
        phone.command(f"call sip:{OUTSIDE}@127.0.0.1:{service.sip_port}")
        ringing = await floor.booth.ringing(OUTSIDE)
        assert ringing.call.caller_number == "02212345"
        await phase_is(citizen, "calling")
        await hears(citizen.line, "the citizen hears music")
        third = Citizen(OUTSIDE, ringing.answer(), floor)
        await phase_is(citizen, "consulting")

        async def handed_over() -> bool:
            """It refuses until it has its answer itself, and says so to nobody."""
            if ((await citizen.summary()).get("talk") or {}).get("phase") == "handed_over":
                return True
            phone.command("transfer 1 --to-call 2")
            await asyncio.sleep(2)
            return False

        await happens(handed_over, "the telephone hands the call over")
        await agent_is(desk, "wrap_up")
        await joined(floor, citizen, third)


class Telephone:
    """The agent's, message by message: `first` is the call that the queue has given it."""

    def __init__(self, floor: Floor, wire: WirePhone) -> None:
        self._floor = floor
        self.wire = wire
        self._password = demo_passwords(floor.service.settings)[EXTENSION]
        self.first: WireCall

    async def register(self) -> None:
        dialog = WireCall(self.wire, caller=EXTENSION, called=EXTENSION)
        challenged = await dialog.ask("REGISTER")
        answer = proof(challenged.header("www-authenticate"), EXTENSION, self._password, "REGISTER")
        assert (await dialog.ask("REGISTER", headers=f"Authorization: {answer}\r\n")).status == 200

    async def answer(self) -> None:
        """The call that rings, and hold it."""
        asked = await self.wire.take(method="INVITE", deadline_s=30)
        self.wire.answer(asked, 200, "OK", body=sdp_of())
        await self.wire.take(method="ACK")
        self.first = WireCall.of(self.wire, asked)

    async def hold(self) -> None:
        assert (await self.first.ask("INVITE", body=sdp_of(extra="a=sendonly\r\n"))).status == 200
        self.wire.send(self.first.request("ACK"))

    async def dial(self, number: str) -> WireCall:
        """On the second line, until it rings."""
        call = WireCall(self.wire, caller=EXTENSION, called=number)
        challenged = await call.ask("INVITE", body=sdp_of(42000))
        self.wire.send(call.request("ACK"))
        answer = proof(challenged.header("proxy-authenticate"), EXTENSION, self._password, "INVITE")
        self.wire.send(call.request("INVITE", body=sdp_of(42000), headers=f"Proxy-Authorization: {answer}\r\n"))
        call.join(await self.wire.take(method="INVITE", status=180, deadline_s=30))
        return call

    async def refer(self, named: WireCall, *, theirs: str = "") -> str:
        """The status line that the telephone is told in the end."""
        tags = f"to-tag%3D{named.to_tag[5:]}%3Bfrom-tag%3D{theirs or named.from_tag}"
        header = f"Refer-To: <sip:{OUTSIDE}@127.0.0.1?Replaces={named.call_id}%3B{tags}>\r\n"
        assert (await self.first.ask("REFER", headers=header)).status == 202
        told = ["", ""]
        for i in range(2):
            notify = await self.wire.take(method="NOTIFY")
            self.wire.answer(notify, 200, "OK")
            told[i] = notify.body.strip()
        assert told[0] == "SIP/2.0 100 Trying"
        return told[1]

    async def is_let_go(self) -> None:
        """The first call is hung up by the switch."""
        bye = await self.wire.take(method="BYE")
        assert bye.header("call-id") == self.first.call_id
        self.wire.answer(bye, 200, "OK")


@pytest.fixture
async def telephone(floor: Floor) -> AsyncIterator[Telephone]:
    wire = await WirePhone.open(floor.service.sip_port)
    telephone = Telephone(floor, wire)
    await telephone.register()
    yield telephone
    wire.close()


async def test_what_still_rings_is_given_the_citizen_when_it_answers(floor: Floor, telephone: Telephone) -> None:
    """A wrong Replaces before it changes nothing; the transfer needs no second answer of anybody."""
    async with signed_in(floor) as desk:
        citizen = await floor.call(key="0")
        await telephone.answer()
        await citizen.becomes("talking")
        await telephone.hold()
        await phase_is(citizen, "held")
        second = await telephone.dial(OUTSIDE)
        ringing = await floor.booth.ringing(OUTSIDE)
        assert await telephone.refer(second, theirs="wrong") == "SIP/2.0 481 Call/Transaction Does Not Exist"
        await phase_is(citizen, "calling")

        assert await telephone.refer(second) == "SIP/2.0 200 OK"
        await telephone.is_let_go()
        assert (await telephone.wire.take(method="INVITE", status=0)).status == 487
        await phase_is(citizen, "transferring")
        await hears(citizen.line, "the citizen hears music")
        await agent_is(desk, "wrap_up")
        third = Citizen(OUTSIDE, ringing.answer(), floor)
        await phase_is(citizen, "handed_over")
        await joined(floor, citizen, third)
