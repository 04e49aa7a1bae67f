"""How far a job by hand has come, on stderr: a bar on a terminal, else a line now and then. The text itself is pure."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

_QUIET_S = 3.0
"""A job that is done by then says nothing."""
_REDRAW_S = 0.2
_LINE_S = 10.0
_BAR = 30
_CLEAR_LINE = "\r\x1b[K"


def remaining_s(share: float, elapsed_s: float) -> float | None:
    """How long the rest takes if it goes on as before; None when nothing is done yet."""
    return elapsed_s * (1 - share) / share if share > 0 else None


def progress_text(what: str, share: float, elapsed_s: float) -> str:
    """'talk.wav  43 %, about 1:20 left'."""
    left_s = remaining_s(share, elapsed_s)
    left = "" if left_s is None else ", about {}:{:02d} left".format(*divmod(round(left_s), 60))
    return f"{what}  {int(100 * share)} %{left}"


class ShownProgress:
    """Call it with the share (0..1) that is done; leaving its context clears the bar.

    stream: where it is shown; now_s: a clock that never goes back.
    """

    def __init__(self, what: str, stream: TextIO | None = None, now_s: Callable[[], float] = time.monotonic) -> None:
        self.share = 0.0
        self._what = what
        self._stream = sys.stderr if stream is None else stream
        self._now_s = now_s
        self._began_s = self._shown_s = now_s()
        self._first_s: float | None = None
        self._drawn = False

    def __enter__(self) -> "ShownProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            self._stream.write(_CLEAR_LINE)
            self._stream.flush()

    def __call__(self, share: float) -> None:
        self.share, now_s = share, self._now_s()
        if self._first_s is None:
            self._first_s = now_s  # what came before, loading, goes on no longer
        terminal = self._stream.isatty()
        every_s = _REDRAW_S if terminal else _LINE_S
        if now_s - self._began_s < _QUIET_S or now_s - self._shown_s < every_s:
            return
        self._shown_s = now_s
        text = progress_text(self._what, share, now_s - self._first_s)
        if terminal:
            full = round(_BAR * share)
            self._stream.write(f"{_CLEAR_LINE}[{'#' * full}{'-' * (_BAR - full)}] {text}")
            self._drawn = True
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()
