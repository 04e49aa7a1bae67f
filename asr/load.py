"""How much a listener can take, and how it degrades in the open when it has taken too much."""

from domain.speech import SpeechHealth

_SPEECH_SHARE = 0.5
"""Of a side's time somebody speaks on it, at most."""
_EXTRA_WORK = 1.6
"""Foretold finals that were none, and the sound around the voice."""
_USABLE_SHARE = 0.6
"""Of the processor; the rest keeps the wait short and serves the other roles."""


def affordable_streams(real_time_factor: float, workers: int, cores: int) -> int:
    """Streams that can be served with finals in time; real_time_factor: of one worker, as the engine measured it."""
    power = min(workers, cores) * _USABLE_SHARE
    return max(1, int(power / (_SPEECH_SHARE * real_time_factor * _EXTRA_WORK)))


class Degradation:
    """LIVE until finals have to wait, FINALS_ONLY until they have not for a while. Times are monotonic seconds."""

    TOO_LONG_S = 0.8
    SHORT_S = 0.25
    CALM_S = 5.0

    def __init__(self) -> None:
        self.health = SpeechHealth.LIVE
        self._last_wait_s = 0.0

    def observe(self, waited_s: float, now_s: float) -> SpeechHealth:
        """A final has waited so long before its recognition began (or waits so long already)."""
        if waited_s > self.SHORT_S:
            self._last_wait_s = now_s
        if waited_s > self.TOO_LONG_S:
            self.health = SpeechHealth.FINALS_ONLY
        elif self.health is SpeechHealth.FINALS_ONLY and now_s - self._last_wait_s >= self.CALM_S:
            self.health = SpeechHealth.LIVE
        return self.health
