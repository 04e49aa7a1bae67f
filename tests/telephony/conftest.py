"""A started endpoint, a telephone made of text and a call of it; and a switch on fakes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.telephony.house import House
from tests.telephony.switchboard import Switchboard
from tests.telephony.wire_phone import WireCall, WirePhone


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    task = asyncio.create_task(house.listening.run())
    await asyncio.sleep(0)
    yield house
    task.cancel()
    await asyncio.wait([task])


@pytest.fixture
async def board() -> AsyncIterator[Switchboard]:
    board = Switchboard()
    await board.endpoint.start()
    yield board
    await board.endpoint.stop()


@pytest.fixture
async def phone(board: Switchboard) -> AsyncIterator[WirePhone]:
    phone = await WirePhone.open(board.endpoint.port)
    yield phone
    phone.close()


@pytest.fixture
def call(phone: WirePhone) -> WireCall:
    return WireCall(phone)
