"""A slow browser loses partials first, and is sent away before it loses anything else."""

import asyncio

import msgspec
import pytest

from desk.live import CallAudience, LiveHub, Viewer
from desk.outbox import LiveMessage, Outbox
from desk.views import partial_view
from domain.side import Side
from domain.speech import SpeechHealth, UtterancePartial
from storage.users import User, UserRole


def partial(number: int, words: str = "") -> LiveMessage:
    return LiveMessage(type="utterance", body=words.encode(), key=f"u{number}", partial=True)


def final(number: int) -> LiveMessage:
    return LiveMessage(type="utterance", body=b"final", key=f"u{number}")


async def drain(outbox: Outbox) -> list[LiveMessage]:
    return [await outbox.take() for _ in range(len(outbox))]


async def test_a_newer_partial_and_the_final_take_the_place_of_the_older_one():
    outbox = Outbox()
    for message in (partial(1, "a"), partial(1, "ab"), partial(2, "x"), final(1)):
        outbox.put(message)
    assert await drain(outbox) == [partial(2, "x"), final(1)]


async def test_what_was_looked_up_does_not_take_the_place_of_what_was_told_meanwhile():
    outbox = Outbox()
    outbox.put(final(1))
    outbox.offer(LiveMessage(type="utterance", body=b"older", key="u1"))
    outbox.offer(final(2))
    assert await drain(outbox) == [final(1), final(2)]


async def test_the_oldest_partials_go_first():
    outbox = Outbox(limit=3)
    for message in (final(1), partial(2), partial(3), final(4), final(5)):
        outbox.put(message)
    assert await drain(outbox) == [final(1), final(4), final(5)]


async def test_what_takes_words_back_is_not_dropped():
    user = User(id="u", username="8001", display_name="", role=UserRole.AGENT, agent_id="8001", extension="8001")
    viewer = Viewer(user, "token", Outbox(limit=3))
    hub, audience = LiveHub(()), CallAudience("c", frozenset({"8001"}))
    hub.attach(viewer)
    for number, text in enumerate(["", "嗯", "我", "我要", "我要说"]):
        partial = UtterancePartial(
            call_id="c",
            side=Side.CALLER,
            utterance_id=f"u{number}",
            start_ms=number,
            end_ms=number,
            text=text,
            health=SpeechHealth.LIVE,
        )
        hub.utterance(audience, partial_view(partial))
    told = [msgspec.json.decode(message.body) for message in await drain(viewer.outbox)]
    assert [(each["utterance_id"], each["text"]) for each in told] == [("u0", ""), ("u3", "我要"), ("u4", "我要说")]


async def test_who_cannot_even_take_the_finals_must_come_anew():
    outbox = Outbox(limit=3)
    for number in range(4):
        outbox.put(final(number))
    assert outbox.closed
    outbox.put(final(9))
    assert len(outbox) == 0
    assert await outbox.take() is None


@pytest.mark.parametrize("wake", [lambda outbox: outbox.close(), lambda outbox: outbox.put(final(1))])
async def test_who_waits_is_woken(wake):
    outbox = Outbox()
    waiting = asyncio.create_task(outbox.take())
    await asyncio.sleep(0)
    wake(outbox)
    assert await asyncio.wait_for(waiting, 1) == (None if outbox.closed else final(1))
