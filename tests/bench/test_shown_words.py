from bench.shown_words import ShownWords
from domain.side import Side
from domain.speech import SpeechHealth, UtteranceFinal, UtterancePartial


def partial(text: str, firm: int = 0) -> UtterancePartial:
    return UtterancePartial(
        call_id="c",
        side=Side.CALLER,
        utterance_id="c-caller-0000",
        start_ms=500,
        end_ms=2000,
        text=text,
        health=SpeechHealth.LIVE,
        firm=firm,
    )


def final(text: str) -> UtteranceFinal:
    return UtteranceFinal(
        call_id="c",
        side=Side.CALLER,
        utterance_id="c-caller-0000",
        start_ms=500,
        end_ms=2000,
        text=text,
        char_ms=tuple(500 for _ in text),
        confidence=1.0,
        engine="test",
        health=SpeechHealth.LIVE,
        ended_at_ms=0,
        recognised_at_ms=0,
    )


def test_characters_that_change_are_counted_and_those_that_are_added_are_not() -> None:
    shown = ShownWords()
    shown.show(partial("我想犯"), began_ms=10_000, now_ms=11_700)
    shown.show(partial("我想反映，路灯", firm=2), began_ms=10_000, now_ms=12_700)
    shown.end(final("我要反映路灯。"))
    assert (shown.first_s, shown.characters) == ([1.2], 6)
    assert (shown.changed, shown.firm_changed) == (2, 1)


def test_words_that_are_taken_back_have_changed() -> None:
    shown = ShownWords()
    shown.show(partial("嗯", firm=1), began_ms=0, now_ms=1500)
    shown.show(partial(""), began_ms=0, now_ms=2500)
    assert (shown.first_s, shown.changed, shown.firm_changed) == ([1.0], 1, 1)
