"""How much a listener can take."""

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
