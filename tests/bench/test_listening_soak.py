import pytest

from bench.listening_soak import Footprint, growth_percent_per_h


def test_memory_that_is_touched_at_first_is_no_growth() -> None:
    rising = [Footprint(60.0 * minute, 100.0 + 50 * minute) for minute in range(4)]
    steady = [Footprint(60.0 * minute, 300.0) for minute in range(4, 16)]
    assert growth_percent_per_h(rising + steady) == pytest.approx(0.0, abs=1e-6)


def test_what_grows_by_a_hundredth_in_an_hour_is_told_so() -> None:
    growing = [Footprint(600.0 * step, 1000.0 + 10 * step / 6) for step in range(24)]
    assert growth_percent_per_h(growing) == pytest.approx(1.0, rel=0.05)
