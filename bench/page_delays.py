"""What a page was shown, beside what was said: how late words and drafts came, and what never came. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.live_talk import SpokenTurn
from domain.side import Side
from hotline.desk_client import LiveMessage, said_in

_LAST_WAIT_MS = 6000
_CUT_EARLY_MS = 100
"""Words that came so long before the end of the voice cannot hold its end (the two clocks agree within a chunk)."""


@dataclass
class PageDelays:
    """All in ms. by_phone: end of a turn's voice, as its telephone knows it, to its last words on the page.

    by_listener: the same for each final, from the end that the listener found. assist: final text to the later of draft
    and suggestions. turns, lost: turns said, and those whose end never came. unassisted: finals without draft or
    suggestions. pairs: (said, shown) of each side of each call.
    """

    by_phone: list[float] = field(default_factory=list)
    by_listener: list[float] = field(default_factory=list)
    assist: list[float] = field(default_factory=list)
    turns: int = 0
    lost: int = 0
    unassisted: int = 0
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def add(self, call_id: str, spoken: Sequence[SpokenTurn], live: Sequence[LiveMessage]) -> None:
        """One call: its turns in order, and what its agent's page was sent."""
        finals = [each for each in live if each.type == "utterance" and each.body["call_id"] == call_id]
        finals = [each for each in finals if each.body["final"]]
        for final in finals:
            self.by_listener.append(final.at_ms - final.body["ended_at_ms"])
        for side in Side:
            own = [turn for turn in spoken if turn.turn.side is side]
            shown = [final for final in finals if final.body["side"] == side]
            self._add_side(own, shown)
        self._add_assist(call_id, finals, live)

    def _add_side(self, own: Sequence[SpokenTurn], shown: Sequence[LiveMessage]) -> None:
        for turn, following in zip(own, [*own[1:], None], strict=True):
            until_ms = following.began_ms if following else turn.ended_ms + _LAST_WAIT_MS
            # By when they were said: the words of a turn may come when the same person speaks again already.
            came_ms = [final.at_ms for final in shown if turn.began_ms <= final.body["ended_at_ms"] < until_ms]
            self.turns += 1
            if came_ms and came_ms[-1] > turn.ended_ms - _CUT_EARLY_MS:
                self.by_phone.append(came_ms[-1] - turn.ended_ms)
            else:
                self.lost += 1
        self.pairs.append(
            ("".join(turn.turn.words for turn in own), "".join(said_in(final.body) for final in shown)),
        )

    def _add_assist(self, call_id: str, finals: Sequence[LiveMessage], live: Sequence[LiveMessage]) -> None:
        came_ms: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for each in live:
            body = each.body
            about = body["ticket"]["call_id"] if each.type == "ticket" else body.get("call_id")
            if each.type in {"ticket", "suggestions"} and about == call_id and body.get("final_at_ms"):
                came_ms[body["final_at_ms"]].setdefault(each.type, each.at_ms)
        for final in finals:
            came = came_ms.get(final.body["recognised_at_ms"], {})
            if len(came) < 2:
                self.unassisted += 1
            else:
                self.assist.append(max(came.values()) - final.body["recognised_at_ms"])
