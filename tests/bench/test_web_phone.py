"""The bench of the browser telephones, small."""

import asyncio

import pytest

from bench.web_phone import figures


@pytest.mark.slow
def test_the_bench_prints_its_figures_beside_aiortc_as_it_comes() -> None:
    measured = {figure.figure: figure for figure in asyncio.run(figures(2, 1.0))}
    assert measured["web_phone_agents_a_core"].value > 0
    assert measured["web_phone_arrived_percent"].value > 80
    assert measured["web_phone_arrived_percent"].peer_value is not None
    assert 0 < measured["web_phone_delay_p50_ms"].value < 500
