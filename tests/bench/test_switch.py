"""The bench of the media plane, small."""

import asyncio

import pytest

from bench.measured_plane import media_figures


@pytest.mark.slow
def test_the_bench_prints_its_figures_beside_its_peers() -> None:
    figures = {(figure.figure, figure.peer): figure for figure in asyncio.run(media_figures(2, 2.0))}
    assert figures["rtp_sent_percent", "rtpsynth relay"].value == pytest.approx(100, abs=1)
    assert figures["recorded_percent", None].value > 90
    assert figures["busy_rtp_sent_percent", "plain sockets"].value == pytest.approx(100, abs=5)
    assert 0 < figures["one_way_delay_p50_ms", "asyncio datagram relay"].value < 200
