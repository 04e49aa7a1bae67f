"""Ids, subjects, masking, and events as they travel."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import topics
from domain.call import CallArrived, CallEvent, CallQueued, QueuedBecause
from domain.ids import new_id, utterance_id
from domain.privacy import mask_name, mask_number, mask_text
from domain.side import Side
from domain.speech import SpeechHealth, SpokenWords, UtteranceFinal
from domain.topic import Service, Topic


@given(st.integers(0, 2**49), st.integers(1, 10**6))
def test_ids_sort_by_time_and_are_one_subject_token(now_ms: int, later_ms: int) -> None:
    first, second = new_id(now_ms), new_id(now_ms + later_ms)
    assert first < second
    assert len(first) == 20
    assert first.isalnum()


def test_ids_of_one_millisecond_differ() -> None:
    assert len({new_id(1) for _ in range(1000)}) == 1000


def test_utterances_are_numbered_by_side() -> None:
    assert utterance_id("c", "caller", 7) == "c-caller-0007"


def test_a_subject_takes_one_key_for_each_star() -> None:
    assert topics.CALL_AUDIO.subject("c1", "agent") == "call.c1.audio.agent"
    assert topics.CALL_AUDIO.subject() == "call.*.audio.*"
    with pytest.raises(ValueError, match="takes 2 keys"):
        topics.CALL_AUDIO.subject("c1")


def test_no_two_subjects_collide() -> None:
    patterns = [topic.pattern for topic in vars(topics).values() if isinstance(topic, Topic | Service)]
    assert len(patterns) == len(set(patterns))


def test_call_events_come_back_as_their_own_type() -> None:
    events: list[CallEvent] = [
        CallArrived(call_id="c", number=0, at_ms=1, switch_id="s", caller_number="1", called_number="12345", trunk="t"),
        CallQueued(
            call_id="c", number=1, at_ms=2, switch_id="s", queue="q", because=QueuedBecause.KEY, menu_ended_at_ms=2
        ),
    ]
    codec = topics.CALL_EVENT.codec
    assert [codec.decode(codec.encode(event)) for event in events] == events
    assert events[1].event_id == "c.1"


def test_an_event_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        topics.CALL_EVENT.codec.decode(b'{"type": "exploded", "call_id": "c"}')


def test_masking_leaves_no_whole_number() -> None:
    assert mask_number("13812345678") == "138****5678"
    assert mask_number("8001") == "**01"
    assert mask_name("王小明") == "王**"
    assert "12345678" not in mask_text("我的电话是13812345678，住302")
    assert "302" in mask_text("我的电话是13812345678，住302")


class _OlderFinal(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="final"):
    """A final as a reader of before knows it."""

    text: str
    char_ms: tuple[int, ...]


def test_finals_of_before_are_read_and_readers_of_before_read_ours() -> None:
    words = SpokenWords(1, 3, "十八")
    final = UtteranceFinal(
        call_id="c",
        side=Side.CALLER,
        utterance_id="c-caller-0000",
        start_ms=0,
        end_ms=900,
        text="住18号楼。",
        char_ms=(0, 100, 200, 300, 400, 500),
        confidence=0.9,
        engine="test",
        health=SpeechHealth.LIVE,
        ended_at_ms=1,
        recognised_at_ms=2,
        spoken=(words,),
    )
    travelled = msgspec.msgpack.encode(final)
    assert msgspec.msgpack.decode(travelled, type=UtteranceFinal) == final
    assert msgspec.msgpack.decode(travelled, type=_OlderFinal).text == final.text
    before = {name: value for name, value in msgspec.to_builtins(final).items() if name != "spoken"}
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(before), type=UtteranceFinal).spoken == ()
    assert final.as_said() == "住十八号楼。"
