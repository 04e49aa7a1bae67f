import numpy as np
from numpy.typing import NDArray

from domain.g711 import alaw_decode
from tts.telephone import LEVEL_DBFS, level, shorten_pauses, telephone_alaw, telephone_samples, trim_silence


def tone(hz: float, seconds: float, rate_hz: int = 24000, loudness: float = 0.3) -> NDArray[np.float32]:
    return (loudness * np.sin(np.arange(int(seconds * rate_hz)) * 2 * np.pi * hz / rate_hz)).astype(np.float32)


def silence(seconds: float, rate_hz: int = 24000) -> NDArray[np.float32]:
    return np.zeros(int(seconds * rate_hz), dtype=np.float32)


def dbfs(samples: NDArray[np.float32]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples)))))


def test_dead_air_at_both_ends_is_cut_off() -> None:
    trimmed = trim_silence(np.concatenate([silence(0.4), tone(440, 1.0), silence(1.1)]), 24000)
    assert 1.0 <= len(trimmed) / 24000 <= 1.12


def test_silence_alone_trims_to_nothing() -> None:
    assert len(trim_silence(silence(1.0), 24000)) == 0
    assert telephone_alaw(silence(0.0), 24000) == b""


def test_a_long_pause_becomes_short_and_a_short_one_stays() -> None:
    speech = [tone(440, 0.5), silence(0.6), tone(440, 0.5), silence(0.1), tone(440, 0.5)]
    shortened = shorten_pauses(np.concatenate(speech), 24000, 180)
    assert abs(len(shortened) / 24000 - (1.5 + 0.18 + 0.1)) < 0.05


def test_every_prompt_has_one_level() -> None:
    for loudness in (0.02, 0.3, 0.9):
        assert abs(dbfs(level(tone(440, 1.0, loudness=loudness), 24000)) - LEVEL_DBFS) < 0.5


def test_a_peak_is_never_clipped() -> None:
    click = silence(1.0) + tone(440, 1.0, loudness=0.01)
    click[12000] = 0.9
    assert np.abs(level(click, 24000)).max() <= 0.91


def test_what_a_telephone_does_not_carry_is_filtered_and_does_not_fold_back() -> None:
    voice = tone(1000, 1.0)
    mixed = telephone_samples(voice + tone(6000, 1.0), 24000)
    spectrum = np.abs(np.fft.rfft(mixed[1000:7000]))
    hz = np.fft.rfftfreq(6000, 1 / 8000)
    folded = spectrum[(hz > 1900) & (hz < 2100)].max()
    assert folded < spectrum.max() / 300


def test_alaw_has_one_byte_for_each_eighth_of_a_millisecond() -> None:
    alaw = telephone_alaw(tone(1000, 2.0), 24000)
    assert len(alaw) == 16000
    assert abs(dbfs(alaw_decode(alaw).astype(np.float32) / 32768) - LEVEL_DBFS) < 1.0
