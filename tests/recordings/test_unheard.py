"""What nobody listened to is found, with the utterance that a dying listener had begun."""

from domain.side import Side
from domain.speech import SpeechHealth, SpeechHealthChanged, SpeechMessage
from recordings.unheard import UnheardSpan, unheard_spans
from tests.recordings.test_inspection import said

ANSWERED = 1_000_000


def health(at_ms: int, health: SpeechHealth) -> SpeechHealthChanged:
    return SpeechHealthChanged(call_id="c", side=Side.CALLER, health=health, reason="", at_ms=ANSWERED + at_ms)


def spans(*messages: SpeechMessage) -> list[UnheardSpan]:
    return unheard_spans(messages, answered_at_ms=ANSWERED, side_began_ms={Side.CALLER: 0}, duration_ms=60_000)


def span(start_ms: int, end_ms: int) -> UnheardSpan:
    return UnheardSpan(side=Side.CALLER, start_ms=start_ms, end_ms=end_ms)


def test_a_call_heard_throughout_has_none() -> None:
    assert spans(health(5, SpeechHealth.LIVE), said(Side.CALLER, 0, 3000, "路灯坏了")) == []


def test_without_any_listener_the_whole_side_is_unheard() -> None:
    assert spans(health(5, SpeechHealth.AFTER_CALL)) == [span(0, 60_000)]
    assert spans() == [span(0, 60_000)]


def test_a_listener_that_died_leaves_the_gap_from_its_last_words() -> None:
    lost = [
        health(5, SpeechHealth.LIVE),
        said(Side.CALLER, 0, 3000, "路灯坏了"),
        health(9000, SpeechHealth.AFTER_CALL),
        health(14_000, SpeechHealth.LIVE),
        said(Side.CALLER, 1, 15_000, "已经三天了"),
    ]
    assert spans(*lost) == [span(5000, 14_000)]


def test_a_listener_that_never_came_back_leaves_all_the_rest() -> None:
    assert spans(health(5, SpeechHealth.LIVE), health(20_000, SpeechHealth.OFF)) == [span(5000, 60_000)]
