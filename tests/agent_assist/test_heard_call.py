"""The assistant's memory is bounded in number and in time."""

from agent_assist.heard_call import HeardCall, HeardCalls


def test_the_call_that_was_silent_longest_goes_first() -> None:
    calls = HeardCalls(most_calls=2, forget_after_ms=1000)
    first, second = HeardCall("a"), HeardCall("b")
    calls.keep(first, 0)
    calls.keep(second, 1)
    calls.keep(first, 2)
    calls.keep(HeardCall("c"), 3)
    assert calls.find("b") is None
    assert calls.find("a") is first
    assert len(calls) == 2


def test_a_call_is_forgotten_after_its_time() -> None:
    calls = HeardCalls(most_calls=10, forget_after_ms=1000)
    calls.keep(HeardCall("a"), 0)
    calls.keep(HeardCall("b"), 999)
    assert calls.find("a") is not None
    calls.keep(HeardCall("c"), 1000)
    assert calls.find("a") is None
    assert calls.find("b") is not None
