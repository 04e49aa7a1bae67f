"""The JSON line of a figure and the exit status of a bench."""

import io
import json
import math

import pytest

from bench.figure import Figure, report


def test_a_line_has_every_field_and_the_ratio() -> None:
    figure = Figure("telephone_cer", 18.7, "%", 18.9, "lower", peer="bare whisper-base", peer_value=23.6)
    line = json.loads(figure.json_line())
    assert list(line) == ["figure", "value", "unit", "target", "better", "peer", "peer_value", "ratio"]
    assert line["ratio"] == pytest.approx(18.7 / 23.6, rel=1e-5)


@pytest.mark.parametrize(
    ("value", "target", "better", "reached"),
    [
        (5.0, 5.0, "lower", True),
        (5.1, 5.0, "lower", False),
        (99.9, 99.9, "higher", True),
        (99.8, 99.9, "higher", False),
        (1.0, None, "lower", True),
        (math.nan, None, "lower", False),
    ],
)
def test_status_is_1_when_a_target_is_missed(value: float, target: float | None, better: str, reached: bool) -> None:
    figure = Figure("f", value, "ms", target, "lower" if better == "lower" else "higher")
    out = io.StringIO()
    assert report([figure], out=out) == (0 if reached else 1)
    machine, line = out.getvalue().splitlines()
    assert machine.startswith("machine: ")
    assert json.loads(line)["peer"] is None


def test_a_bench_that_measured_nothing_has_failed() -> None:
    assert report([], out=io.StringIO()) == 1


def test_numbers_json_does_not_know_become_null() -> None:
    assert json.loads(Figure("f", math.inf, "ms", 1.0, "lower", "p", 0.0).json_line())["value"] is None
