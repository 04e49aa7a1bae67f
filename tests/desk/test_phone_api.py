"""The browser as a telephone, at the desk: only the agent's own, and what becomes of it when the switch is away."""

import msgspec
import pytest

from desk.live import Viewer
from domain.agent import AgentReply, PhoneState
from domain.topics import AGENT_COMMAND, PHONE_STATE, WEB_PHONE_COMMAND, WEB_PHONE_CONNECT, WEB_PHONE_STATE
from domain.web_phone import TakeCall, WebPhoneReply, WebPhoneView
from storage import users

OFFER = {"offer": "v=0\r\n"}


class FakeSwitch:
    """Answers as a switch does; asked: what came, with its subject."""

    def __init__(self, house) -> None:
        self._house = house
        self.asked = []

    async def start(self) -> None:
        await self._house.bus.serve(WEB_PHONE_CONNECT, (), self._connect, group="switch")

    async def _connect(self, subject, ask):
        self.asked.append((subject, ask))
        await self._house.bus.serve(WEB_PHONE_COMMAND, (ask.agent_id, ask.connection_id), self._command)
        view = WebPhoneView(agent_id=ask.agent_id, connection_id=ask.connection_id, up=False)
        return WebPhoneReply(accepted=True, answer="v=0 answer", view=view)

    async def _command(self, subject, command):
        self.asked.append((subject, command))
        view = WebPhoneView(agent_id="8001", connection_id="x", up=True)
        return WebPhoneReply(accepted=True, view=view)


@pytest.fixture
async def switch(house):
    switch = FakeSwitch(house)
    await switch.start()
    return switch


async def test_a_connection_is_the_signed_in_agents(house, switch):
    client = await house.signed_in("8001")
    answer = await client.post("/api/phone/connect", json=OFFER)
    assert answer.status_code == 200
    body = answer.json()
    assert body["answer"] == "v=0 answer"
    assert body["phone"]["connection_id"] == body["connection_id"]
    assert switch.asked[0][1].agent_id == "8001"
    assert "web_phone_connect" in await house.audited()
    told = {"connection_id": body["connection_id"], "command": "take_call", "number": 3}
    assert (await client.post("/api/phone/command", json=told)).json()["accepted"]
    assert switch.asked[1] == (f"web_phone.8001.{body['connection_id']}.command", TakeCall(number=3))


async def test_another_agent_reaches_nothing_of_it(house, switch):
    client = await house.signed_in("8001")
    connection_id = (await client.post("/api/phone/connect", json=OFFER)).json()["connection_id"]
    stranger = await house.signed_in("8002")
    told = {"connection_id": connection_id, "command": "leave_phone"}
    reply = (await stranger.post("/api/phone/command", json=told)).json()
    assert (reply["accepted"], reply["code"]) == (False, "no_connection")
    assert len(switch.asked) == 1


@pytest.mark.parametrize("path", ["connect", "command"])
async def test_who_takes_no_calls_has_no_telephone(house, switch, path):
    leader = await house.signed_in("leader")
    body = OFFER if path == "connect" else {"connection_id": "a" * 20, "command": "stay_alive"}
    assert (await leader.post(f"/api/phone/{path}", json=body)).status_code == 403
    assert (await house.client().post(f"/api/phone/{path}", json=body)).status_code == 401


async def test_without_a_switch_the_page_is_told_to_come_again(house):
    client = await house.signed_in("8001")
    answer = await client.post("/api/phone/connect", json=OFFER)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "switch_away")


@pytest.mark.parametrize(
    "body",
    [
        {"connection_id": "a.*", "command": "stay_alive"},
        {"connection_id": "a" * 20, "command": "dance"},
        {"connection_id": "a" * 20, "command": "take_call", "number": -1},
        {"connection_id": "a" * 20},
    ],
)
async def test_bad_commands_are_refused(house, switch, body):
    client = await house.signed_in("8001")
    assert (await client.post("/api/phone/command", json=body)).status_code == 422


async def test_how_it_stands_goes_to_its_agent_only(house):
    own, other = await _viewer(house, "8001"), await _viewer(house, "8002")
    view = WebPhoneView(agent_id="8001", connection_id="x", up=True)
    await house.bus.publish(WEB_PHONE_STATE, ("8001",), view)
    message = await own.outbox.take()
    assert msgspec.json.decode(message.body)["phone"]["connection_id"] == "x"
    assert len(other.outbox) == 0


async def test_an_agent_signs_in_at_the_own_browser_only(house):
    signed_in = []

    async def queue(_subject, command):
        signed_in.append(command.extension)
        return AgentReply(accepted=True)

    await house.bus.serve(AGENT_COMMAND, ("8001",), queue)
    client = await house.signed_in("8001")
    foreign = await client.post("/api/agent/command", json={"command": "sign_in", "extension": "web-8002"})
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (403, "foreign_phone")
    own = await client.post("/api/agent/command", json={"command": "sign_in", "extension": "web-8001"})
    assert own.status_code == 200
    assert signed_in == ["web-8001"]


async def test_browsers_are_not_among_the_telephones_to_choose_from(house):
    for extension in ("8001", "web-8001", "web-8002"):
        now = house.clock()
        phone = PhoneState(extension=extension, registered=True, switch_id="s", at_ms=now, expires_at_ms=now + 60_000)
        await house.log.append(PHONE_STATE, (extension,), phone, event_id=extension)
    client = await house.signed_in("8001")
    assert (await client.get("/api/desk")).json()["extensions"] == ["8001"]


async def _viewer(house, username: str) -> Viewer:
    async with house.database.read() as tx:
        credential = await users.credential(tx, username)
    viewer = Viewer(credential.user, "hash")
    house.desk.hub.attach(viewer)
    return viewer
