"""A started endpoint, a telephone made of text, and a call of it."""

from collections.abc import AsyncIterator

import pytest

from tests.telephony.switchboard import Switchboard
from tests.telephony.wire_phone import WireCall, WirePhone


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
