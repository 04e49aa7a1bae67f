"""What people say for what the articles write (电瓶车 for 电动车): the written words join the search."""

from pathlib import Path

import msgspec

from agent_assist.lexicon import Lexicon
from agent_assist.phonetic import voiced
from agent_assist.row import read_rows
from domain.errors import KnowledgeError

COLLOQUIAL = Path(__file__).parent / "rules" / "colloquial.yaml"
_LEAST_LIKENESS = 0.7


class SpokenForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """written: one or more words, parted by blanks."""

    written: str
    spoken: tuple[str, ...]


class Meant(msgspec.Struct, frozen=True):
    """text[start:end] is a spoken form of `written`."""

    start: int
    end: int
    written: str


class Colloquial:
    def __init__(self, forms: tuple[SpokenForm, ...]) -> None:
        self._written = {voiced(spoken)[0]: form.written for form in forms for spoken in form.spoken}
        self._lexicon = Lexicon(self._written)

    def find(self, text: str) -> list[Meant]:
        """The spoken forms in `text` with the words that they stand for."""
        return [
            Meant(hit.start, hit.end, written)
            for hit in self._lexicon.find(text)
            if hit.likeness >= _LEAST_LIKENESS
            for written in self._written[hit.phrase].split()
        ]


def load_colloquial(file: Path = COLLOQUIAL) -> Colloquial:
    """The forms of a YAML file; KnowledgeError names the line of a wrong entry."""
    forms = []
    for row in read_rows(file):
        form = row.read_as(SpokenForm)
        if not form.written.strip() or not form.spoken:
            raise KnowledgeError("'written' or 'spoken' is empty", where=row.where, remedy="fill it in")
        forms.append(form)
    return Colloquial(tuple(forms))
