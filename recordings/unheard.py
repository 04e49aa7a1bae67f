"""Which parts of a call nobody listened to while it went on, so that they are transcribed from its recording."""

from collections.abc import Iterable

import msgspec

from domain.side import Side
from domain.speech import SpeechHealth, SpeechHealthChanged, SpeechMessage, UtteranceFinal

HEARD = frozenset({SpeechHealth.LIVE, SpeechHealth.SLOWER, SpeechHealth.FINALS_ONLY})
LONGEST_UTTERANCE_MS = 15_000
SHORTEST_MS = 400
"""Less than this holds no word."""


class UnheardSpan(msgspec.Struct, frozen=True, kw_only=True):
    """start_ms, end_ms: on the call's media clock."""

    side: Side
    start_ms: int
    end_ms: int


def unheard_spans(
    messages: Iterable[SpeechMessage], *, answered_at_ms: int, side_began_ms: dict[Side, int], duration_ms: int
) -> list[UnheardSpan]:
    """The spans without a listener, by side and time.

    answered_at_ms: wall clock of media time 0. side_began_ms: media time at which each side's sound began; a side that
    is absent never spoke. An utterance that a dying listener had begun is heard again from its beginning: a span starts
    where the side's last written words end, but no more than an utterance's length before.
    """
    kept = list(messages)
    spans = []
    for side, began_ms in side_began_ms.items():
        finals = [m for m in kept if isinstance(m, UtteranceFinal) and m.side is side]
        changes = sorted(
            (m for m in kept if isinstance(m, SpeechHealthChanged) and m.side is side), key=lambda m: m.at_ms
        )
        heard, deaf_from_ms = not changes and bool(finals), began_ms
        for change in changes:
            at_ms = max(began_ms, change.at_ms - answered_at_ms)
            if change.health in HEARD and not heard:
                spans.append(_span(side, deaf_from_ms, at_ms, began_ms, finals))
            elif change.health not in HEARD and heard:
                deaf_from_ms = at_ms
            heard = change.health in HEARD
        if not heard:
            spans.append(_span(side, deaf_from_ms, duration_ms, began_ms, finals))
    return [span for span in spans if span.end_ms - span.start_ms >= SHORTEST_MS]


def _span(side: Side, from_ms: int, to_ms: int, began_ms: int, finals: list[UtteranceFinal]) -> UnheardSpan:
    """From where an utterance under way at `from_ms` may have begun, to the first words after it (or `to_ms`)."""
    before = [final.end_ms for final in finals if final.start_ms < from_ms]
    after = [final.start_ms for final in finals if from_ms <= final.start_ms < to_ms]
    start_ms = max(began_ms, from_ms - LONGEST_UTTERANCE_MS, *before)
    return UnheardSpan(side=side, start_ms=start_ms, end_ms=min(after, default=to_ms))
