"""The jitter buffer's delay and gaps over links that are known packet by packet."""

import pytest

from bench.jittery_link import LINKS, Heard, even, hear_link, hear_links, link_figures

_SETTLED_FRAMES = 100


@pytest.mark.parametrize("phase_ms", range(20))
def test_on_a_calm_line_a_packet_waits_twenty_seven_ms_at_most_and_five_at_least(phase_ms: int) -> None:
    heard = hear_link(even(1), phase_ms=phase_ms, seed=1, stamped=True)
    settled_ms = heard.delays_ms[_SETTLED_FRAMES:]
    assert 5 <= min(settled_ms) <= max(settled_ms) <= 27
    assert heard.gaps == 0
    assert heard.lost == 0


def test_who_is_not_told_when_packets_came_keeps_the_first_delay() -> None:
    heard = hear_link(even(1), phase_ms=1, seed=1, stamped=False)
    assert min(heard.delays_ms) == max(heard.delays_ms) == 39


def test_a_line_that_is_late_once_in_ten_seconds_loses_nothing() -> None:
    heard = hear_links(LINKS["spikes_20"], stamped=True)
    assert heard.lost == 0
    assert heard.gaps_per_1000 <= 0.2


def test_jitter_costs_no_more_sound_for_the_shorter_delay() -> None:
    figures = link_figures()
    assert {figure.figure for figure in figures if not figure.reached} == set()
    assert len(figures) == 4 * len(LINKS)
    medians = [figure for figure in figures if figure.figure.endswith("p50_ms")]
    assert all(figure.value <= (figure.peer_value or 0) + 0.5 for figure in medians)


def test_heard_adds_up() -> None:
    whole = Heard(1000, 1, 2, [5.0])
    whole.add(Heard(1000, 2, 1, [6.0]))
    assert (whole.gaps_per_1000, whole.lost, whole.delays_ms) == (1.5, 3, [5.0, 6.0])
