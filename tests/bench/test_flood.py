"""The bench of the flood, small."""

import pytest

from bench.flood import Flood, under


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["register", "rubbish"])
def test_a_trunks_calls_are_answered_under_a_flood(kind: str) -> None:
    result = under(Flood("small", kind, 500, 3), 1.0)
    assert result.answered_percent == 100
    assert result.sent_per_s > 100
    assert 0 < result.us_per_request < 20_000
