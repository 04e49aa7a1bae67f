"""What the assistant holds in memory of the calls that it hears; bounded, and never the only copy."""

from collections import OrderedDict
from dataclasses import dataclass, field

from agent_assist.transcript import Transcript
from domain.speech import UtteranceFinal


@dataclass
class HeardCall:
    """One call. caller_number: None until its arrival was read, "" when withheld; last_sequence: the last record of the
    speech stream that is in it; advised: the last version that was said; heard_at_ms: wall clock of the last utterance.
    """

    call_id: str
    caller_number: str | None = None
    last_sequence: int = 0
    advised: int = 0
    heard_at_ms: int = 0
    utterances: dict[str, UtteranceFinal] = field(default_factory=dict)

    def hear(self, said: UtteranceFinal, sequence: int) -> None:
        """Add an utterance; the same one again changes nothing."""
        self.utterances.setdefault(said.utterance_id, said)
        self.last_sequence = max(self.last_sequence, sequence)

    @property
    def version(self) -> int:
        return len(self.utterances)

    def transcript(self) -> Transcript:
        return Transcript(self.call_id, self.caller_number or "", tuple(self.utterances.values()))


class HeardCalls:
    """The calls by their id; the one that was silent longest goes first when there are too many."""

    def __init__(self, most_calls: int, forget_after_ms: int) -> None:
        self._most_calls = most_calls
        self._forget_after_ms = forget_after_ms
        self._calls: OrderedDict[str, HeardCall] = OrderedDict()

    def __len__(self) -> int:
        return len(self._calls)

    def find(self, call_id: str) -> HeardCall | None:
        return self._calls.get(call_id)

    def keep(self, call: HeardCall, now_ms: int) -> None:
        """Hold the call as the one that was heard last, and forget what is too old or too much."""
        call.heard_at_ms = now_ms
        self._calls[call.call_id] = call
        self._calls.move_to_end(call.call_id)
        while self._calls:
            oldest = next(iter(self._calls.values()))
            if len(self._calls) <= self._most_calls and now_ms - oldest.heard_at_ms < self._forget_after_ms:
                break
            del self._calls[oldest.call_id]
