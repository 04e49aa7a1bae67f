from asr.job_queue import Job, Urgency
from asr.partials import Partials
from asr.recogniser import Clip, Heard
from asr.stream import Ended, Started
from domain.side import Side
from domain.speech import SpeechHealth
from tests.asr.sounds import silence

LIVE = SpeechHealth.LIVE


def heard(partials: Partials, text: str, at_s: float) -> str | None:
    job = Job("c.caller", 3, Urgency.PARTIAL, Clip(silence(1000)), at_s)
    shown = partials.heard(job, Heard(text, 0.9, 0.0), LIVE)
    return shown.text if shown else None


def ended(number: int = 3) -> Ended:
    return Ended(number, 500, 1500, 0, ((500, 1500),), 200, Clip(silence(1000)), foretold=False)


def test_words_that_were_none_are_taken_back_once_and_come_no_more() -> None:
    partials = Partials("c", Side.CALLER)
    partials.started(Started(3, 500))
    assert heard(partials, "您好请讲一下", 1.0) == "您好请讲"
    assert partials.taken_back(ended(2), LIVE) is None
    taken = partials.taken_back(ended(), LIVE)
    assert taken is not None
    assert (taken.text, taken.utterance_id) == ("", "c-caller-0003")
    assert heard(partials, "您好请讲一下子", 2.0) is None
    assert partials.taken_back(ended(), LIVE) is None


def test_they_are_taken_back_when_the_next_has_begun_and_what_is_said_now_stays() -> None:
    partials = Partials("c", Side.CALLER)
    partials.started(Started(3, 500))
    assert heard(partials, "您好请讲一下", 1.0) == "您好请讲"
    partials.started(Started(4, 2500))
    assert partials.none_shown
    taken = partials.taken_back(ended(), LIVE)
    assert taken is not None
    assert (taken.text, taken.utterance_id, taken.start_ms) == ("", "c-caller-0003", 500)
    job = Job("c.caller", 4, Urgency.PARTIAL, Clip(silence(1000)), 2.0)
    shown = partials.heard(job, Heard("还有一件事情", 0.9, 0.0), LIVE)
    assert shown is not None
    assert shown.utterance_id == "c-caller-0004"


def test_what_was_settled_is_not_taken_back() -> None:
    partials = Partials("c", Side.CALLER)
    partials.started(Started(3, 500))
    assert heard(partials, "您好请讲一下", 1.0) == "您好请讲"
    partials.settled(ended())
    assert partials.taken_back(ended(), LIVE) is None


def test_of_an_utterance_of_which_nothing_was_shown_nothing_is_taken_back_or_shown_later() -> None:
    partials = Partials("c", Side.CALLER)
    partials.started(Started(3, 500))
    assert partials.taken_back(ended(), LIVE) is None
    assert heard(partials, "您好请讲一下", 1.0) is None


def test_a_guess_is_shown_up_to_what_the_engine_doubts_and_a_foretold_final_must_be_surer() -> None:
    partials = Partials("c", Side.CALLER)
    partials.started(Started(3, 500))
    texts = []
    for at_s, urgency, text, confidence in (
        (1.0, Urgency.PARTIAL, "我想犯应", 0.1),
        (2.0, Urgency.PARTIAL, "我想，反映路灯不亮", 0.6),
        (3.0, Urgency.FORETOLD, "我想要，反映路灯不会亮", 0.6),
        (4.0, Urgency.FORETOLD, "我想反映路灯不亮了", 0.8),
    ):
        job = Job("c.caller", 3, urgency, Clip(silence(1000)), at_s)
        sure = (0.9, 0.9, *(confidence for _ in text[2:]))
        shown = partials.heard(job, Heard(text, 0.9, 0.0, char_confidence=sure), LIVE)
        assert shown is not None
        texts.append(shown.text)
    assert texts == ["我想", "我想，反映路灯", "我想，反映路灯", "我想反映路灯不亮了"]
