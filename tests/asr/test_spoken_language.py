import pytest

from asr.recogniser import Heard, LanguageGuess
from asr.spoken_language import Conclusion, LanguageEvidence
from domain.speech import UNDETERMINED


def guess(confidence: float = 0.8, text: str = "你好", **languages: float) -> Heard:
    return Heard(text, confidence, 0.0, language=LanguageGuess(tuple(languages.items())))


def after(*utterances: tuple[Heard, float]) -> LanguageEvidence:
    evidence = LanguageEvidence()
    for heard, seconds in utterances:
        evidence = evidence.after(heard, seconds)
    return evidence


def test_one_clear_sentence_of_some_length_is_enough() -> None:
    assert after((guess(en=0.95, zh=0.01), 3.5)).conclusion == Conclusion("en", 0.95)


def test_one_short_sentence_is_not() -> None:
    evidence = after((guess(en=0.95, zh=0.01), 2.0))
    assert evidence.conclusion is None
    assert evidence.after(guess(en=0.9, zh=0.02), 2.0).conclusion == Conclusion("en", pytest.approx(0.925, abs=0.01))


def test_a_foreign_language_without_a_likeliest_is_undetermined() -> None:
    found = after((guess(fr=0.2, ar=0.2, en=0.2, zh=0.01), 4.0)).conclusion
    assert found is not None
    assert found.language == UNDETERMINED


def test_one_sentence_that_misleads_is_outweighed() -> None:
    evidence = after((guess(zh=0.9), 4.0), (guess(en=0.95, zh=0.01), 3.0), (guess(zh=0.8), 2.0))
    assert evidence.conclusion is None


def test_after_enough_chinese_it_is_not_asked_any_more() -> None:
    evidence = after(*[(guess(zh=0.9), 4.0)] * 2)
    assert evidence.asks
    assert not evidence.after(guess(zh=0.9), 5.0).asks


def test_sounds_too_short_tell_nothing() -> None:
    assert after(*[(guess(en=1.0), 1.0)] * 9).conclusion is None


def test_what_stays_hard_to_understand_is_told() -> None:
    evidence = after(*[(guess(0.4, zh=0.6), 3.0)] * 3)
    assert evidence.conclusion is None
    found = evidence.after(guess(0.4, zh=0.6), 3.0).conclusion
    assert found == Conclusion(UNDETERMINED, 0.6)
    assert evidence.after(guess(0.4, zh=0.6), 3.0).after(guess(1.0, zh=1.0), 9.0).conclusion == found


def test_words_that_are_understood_are_no_dialect() -> None:
    assert after(*[(guess(0.8, zh=0.6), 3.0)] * 9).conclusion is None


def test_an_engine_that_does_not_guess_is_judged_by_its_confidence() -> None:
    assert after(*[(Heard("你好", 0.9, 0.0), 4.0)] * 9).conclusion is None
    assert after(*[(Heard("你好", 0.3, 0.0), 4.0)] * 4).conclusion == Conclusion(UNDETERMINED, 0.7)
