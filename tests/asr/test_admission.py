from asr.admission import RETURN_EVERY_S, WARY_S, Admission
from domain.side import Side
from domain.speech import SpeechHealth

LIVE, FINALS_ONLY, AFTER_CALL = SpeechHealth.LIVE, SpeechHealth.FINALS_ONLY, SpeechHealth.AFTER_CALL
STREAMS = {"a.caller": Side.CALLER, "a.agent": Side.AGENT, "b.agent": Side.AGENT, "c.caller": Side.CALLER}


def test_as_many_as_there_is_room_for() -> None:
    admission = Admission(2)
    assert admission.refusal(1, LIVE, 0.0) == ""
    assert admission.refusal(1, FINALS_ONLY, 0.0) == ""
    assert "2 streams" in admission.refusal(2, LIVE, 0.0)
    assert [admission.headroom(streams, LIVE) for streams in (0, 2, 3)] == [2, 0, 0]


def test_nobody_while_streams_have_to_go() -> None:
    admission = Admission(4)
    assert "too busy" in admission.refusal(1, AFTER_CALL, 0.0)
    assert admission.headroom(1, AFTER_CALL) == 0


def test_agents_go_before_citizens_and_the_latest_before_the_first() -> None:
    admission, streams, gone = Admission(4), dict(STREAMS), []
    while (name := admission.let_go(streams, 0.0)) is not None:
        gone.append(name)
        del streams[name]
    assert gone == ["b.agent", "a.agent", "c.caller"]
    assert list(streams) == ["a.caller"]


def test_those_that_were_let_go_come_back_one_at_a_time_for_a_while() -> None:
    admission = Admission(4)
    admission.let_go(STREAMS, 100.0)
    assert admission.refusal(2, FINALS_ONLY, 101.0) == ""
    admission.took(101.0)
    assert "one at a time" in admission.refusal(3, FINALS_ONLY, 102.0)
    assert admission.refusal(3, FINALS_ONLY, 101.0 + RETURN_EVERY_S) == ""
    admission.took(100.0 + WARY_S - 1)
    assert admission.refusal(3, LIVE, 100.0 + WARY_S) == ""
