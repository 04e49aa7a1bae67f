"""What an agent sees of words that are still being said: how soon the first come, and how many change again."""

from dataclasses import dataclass, field

from rapidfuzz.distance import LCSseq

from domain.speech import UtteranceFinal, UtterancePartial


@dataclass
class ShownWords:
    """Over all utterances, punctuation left out; that a final writes a number in digits is no change.

    first_s: start of the voice to the first words shown, each utterance with a partial. characters: of the finals.
    changed: characters shown, and gone or others at the next sight of the utterance (its final included);
    firm_changed: those among them that were shown as firm.
    """

    first_s: list[float] = field(default_factory=list)
    characters: int = 0
    changed: int = 0
    firm_changed: int = 0
    _shown: dict[str, tuple[str, str]] = field(default_factory=dict)

    def show(self, partial: UtterancePartial, began_ms: int, now_ms: int) -> None:
        """began_ms: wall clock of media time 0 (Unix, ms)."""
        if partial.text and partial.utterance_id not in self._shown:
            self.first_s.append((now_ms - began_ms - partial.start_ms) / 1000)
        self._compare(partial.utterance_id, partial.text)
        self._shown[partial.utterance_id] = _plain(partial.text), _plain(partial.text[: partial.firm])

    def end(self, final: UtteranceFinal) -> None:
        said = final.as_said()
        self._compare(final.utterance_id, said)
        self.characters += len(_plain(said))
        self._shown.pop(final.utterance_id, None)

    def _compare(self, utterance_id: str, text: str) -> None:
        plain = _plain(text)
        shown, firm = self._shown.get(utterance_id, ("", ""))
        self.changed += len(shown) - int(LCSseq.similarity(shown, plain))
        self.firm_changed += len(firm) - int(LCSseq.similarity(firm, plain))


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isalnum())
