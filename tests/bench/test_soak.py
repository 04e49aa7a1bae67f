"""The soak, small: a real switch, real SIP, callers who hang up at random moments, and nothing is left."""

import asyncio

import pytest

from bench.soak import soak_figures


@pytest.mark.e2e
def test_callers_who_hang_up_at_any_moment_leave_nothing_behind() -> None:
    figures = asyncio.run(soak_figures(200, 40.0))
    assert {figure.figure: figure.value for figure in figures if not figure.reached} == {}
