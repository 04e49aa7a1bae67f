"""How a listener degrades in the open, and comes back. Pure: time is an argument.

    live ─► slower ─► finals_only ─► after_call        at once, as far as the worst of wait and fullness says
         ◄─        ◄─             ◄─                   a step at a time, each after CALM_S without a wait that hurts

slower: partials at half the pace. finals_only: no partials, and nothing is foretold. after_call: too much even so; the
listener lets go of streams, one at a time, and their recordings are transcribed after the call.
"""

from dataclasses import dataclass

from domain.speech import SpeechHealth

CALM_S = 5.0


@dataclass(frozen=True)
class Bound:
    """A step begins when finals wait longer than `wait_s` or fill more than `full` (0..1) of their queue, and can end
    when they wait less than `calm_s` and fill less than half of it."""

    wait_s: float
    calm_s: float
    full: float


BOUNDS = {
    SpeechHealth.SLOWER: Bound(wait_s=0.4, calm_s=0.2, full=1 / 16),
    SpeechHealth.FINALS_ONLY: Bound(wait_s=0.8, calm_s=0.25, full=1 / 4),
    SpeechHealth.AFTER_CALL: Bound(wait_s=3.0, calm_s=1.0, full=3 / 4),
}
STEPS = (SpeechHealth.LIVE, *BOUNDS)
"""The better before the worse."""


@dataclass(frozen=True)
class Degree:
    """The step now. calm_since_s: since when nothing speaks against a better one; too_much: whether the last look saw
    more than finals alone can be kept up with."""

    health: SpeechHealth = SpeechHealth.LIVE
    calm_since_s: float = 0.0
    too_much: bool = False


def degraded(degree: Degree, waited_s: float, fullness: float, now_s: float) -> Degree:
    """The step after a final has waited so long for its recognition (or waits so long already)."""
    due = SpeechHealth.LIVE
    for step, bound in BOUNDS.items():
        if waited_s > bound.wait_s or fullness > bound.full:
            due = step
    too_much = due is SpeechHealth.AFTER_CALL
    if STEPS.index(due) >= STEPS.index(degree.health):
        busy = due is not SpeechHealth.LIVE
        return Degree(due, now_s if busy else degree.calm_since_s, too_much)
    bound = BOUNDS[degree.health]
    if waited_s > bound.calm_s or fullness > bound.full / 2:
        return Degree(degree.health, now_s, too_much)
    if now_s - degree.calm_since_s < CALM_S:
        return Degree(degree.health, degree.calm_since_s, too_much)
    return Degree(STEPS[STEPS.index(degree.health) - 1], now_s, too_much)
