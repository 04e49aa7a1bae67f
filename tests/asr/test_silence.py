from asr.silence import Silence, SilenceBegan, SilenceEnded

LIMIT_MS = 30_000


def listening(*, spoke: bool = False) -> Silence:
    silence = Silence(LIMIT_MS, spoke=spoke)
    assert silence.start(1000) == []
    return silence


def test_it_is_told_once_and_its_end_once() -> None:
    silence = listening()
    assert silence.voice(2000) == []
    silence.quiet(5000)
    assert silence.at(34_999) == []
    assert silence.at(35_000) == [SilenceBegan(5000, spoke=True)]
    assert silence.at(90_000) == []
    assert silence.voice(95_000) == [SilenceEnded(5000, 95_000, spoke=True)]
    assert silence.voice(96_000) == []


def test_one_who_never_spoke_is_known_as_such() -> None:
    assert listening().at(31_000) == [SilenceBegan(1000, spoke=False)]
    assert listening(spoke=True).at(31_000) == [SilenceBegan(1000, spoke=True)]


def test_who_speaks_for_long_is_not_silent() -> None:
    silence = listening()
    silence.voice(2000)
    assert silence.at(120_000) == []


def test_a_new_start_ends_it_and_counts_from_there() -> None:
    silence = listening()
    silence.voice(1500)
    silence.quiet(2000)
    assert silence.at(40_000) != []
    assert silence.start(50_000) == [SilenceEnded(2000, 50_000, spoke=True)]
    assert silence.at(79_999) == []
    assert silence.at(80_000) == [SilenceBegan(50_000, spoke=True)]


def test_a_new_start_in_the_middle_of_a_sentence_breaks_nothing() -> None:
    silence = listening()
    silence.voice(2000)
    assert silence.start(3000) == []
    assert silence.at(60_000) == []
    silence.quiet(61_000)
    assert silence.at(91_000) == [SilenceBegan(61_000, spoke=True)]


def test_the_time_of_lost_sound_does_not_count() -> None:
    silence = listening()
    silence.lost(10_000)
    assert silence.at(40_999) == []
    assert silence.at(41_000) == [SilenceBegan(11_000, spoke=False)]
