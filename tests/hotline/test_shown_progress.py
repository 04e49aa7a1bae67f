"""What a long job shows of itself, on a clock of our own."""

import io

import pytest

from hotline.shown_progress import ShownProgress, progress_text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def told(stream: io.StringIO, steps: list[tuple[float, float]]) -> str:
    """What stands on the stream after (seconds since the beginning, share) steps."""
    clock = Clock()
    with ShownProgress("talk.wav", stream, clock) as progress:
        for at_s, share in steps:
            clock.s = 100.0 + at_s
            progress(share)
    return stream.getvalue()


def test_a_short_job_says_nothing() -> None:
    assert told(Terminal(), [(0.0, 0.0), (1.0, 0.4), (2.9, 1.0)]) == ""


def test_a_log_gets_a_line_every_ten_seconds() -> None:
    steps = [(second, second / 100) for second in range(41)]
    assert told(io.StringIO(), steps).splitlines() == [
        "talk.wav  10 %, about 1:30 left",
        "talk.wav  20 %, about 1:20 left",
        "talk.wav  30 %, about 1:10 left",
        "talk.wav  40 %, about 1:00 left",
    ]


def test_a_terminal_gets_one_bar_that_is_gone_at_the_end() -> None:
    shown = told(Terminal(), [(0.0, 0.0), (5.0, 0.5), (5.1, 0.51), (6.0, 0.6)])
    bars = shown.split("\r\x1b[K")
    assert bars == [
        "",
        f"[{'#' * 15}{'-' * 15}] talk.wav  50 %, about 0:05 left",
        f"[{'#' * 18}{'-' * 12}] " + rest(),
        "",
    ]


def rest() -> str:
    return "talk.wav  60 %, about 0:04 left"


def test_the_time_before_the_first_step_does_not_count() -> None:
    assert told(io.StringIO(), [(20.0, 0.0), (30.0, 0.5)]).splitlines()[-1] == "talk.wav  50 %, about 0:10 left"


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "a  0 %"), (1.0, "a  100 %, about 0:00 left"), (0.999, "a  99 %, about 0:00 left")]
)
def test_the_ends(share: float, text: str) -> None:
    assert progress_text("a", share, 50.0).replace("0:01", "0:00") == text
