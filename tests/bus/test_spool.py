"""The file in which events wait for NATS."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.spool import Spool, SpooledEvent

LIMIT = 1_000_000


def event(number: int) -> SpooledEvent:
    return SpooledEvent(subject="call.c1.event", event_id=f"c1.{number}", data=b"\x00\n" * number)


def drain(spool: Spool) -> list[str]:
    ids = []
    while (first := spool.first()) is not None:
        ids.append(first.event_id)
        spool.take()
    return ids


@given(steps=st.lists(st.sampled_from(["add", "take", "reopen"]), max_size=30))
def test_comes_out_in_order_and_nothing_is_lost(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    file = tmp_path_factory.mktemp("spool") / "role.jsonl"
    spool, added, taken = Spool(file, LIMIT), 0, []
    for step in steps:
        if step == "add":
            assert spool.add(event(added))
            added += 1
        elif step == "reopen":
            spool = Spool(file, LIMIT)
        elif (first := spool.first()) is not None:
            taken.append(first.event_id)
            spool.take()
    taken += drain(spool)
    firsts = list(dict.fromkeys(taken))  # a reopened spool may repeat; the stream keeps each id once
    assert firsts == [f"c1.{number}" for number in range(added)]
    assert not spool
    assert spool.first() is None


def test_full_is_said_and_room_comes_back(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "role.jsonl", 200)
    assert spool.add(event(1))
    assert spool.add(event(2))
    assert not spool.add(event(100))
    assert drain(spool) == ["c1.1", "c1.2"]
    assert spool.add(event(3))


def test_a_torn_last_line_is_cut_and_a_broken_one_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "role.jsonl"
    spool = Spool(file, LIMIT)
    spool.add(event(1))
    with file.open("ab") as raw:
        raw.write(b"not json\n")
    spool = Spool(file, LIMIT)
    spool.add(event(2))
    with file.open("ab") as raw:
        raw.write(b'{"subject": "call')
    assert drain(Spool(file, LIMIT)) == ["c1.1", "c1.2"]
