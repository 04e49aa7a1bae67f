"""What the matter is, in a scheme of three levels, from words that tell it."""

import math
from collections import defaultdict
from pathlib import Path

import msgspec

from agent_assist.lexicon import Hit, Lexicon
from agent_assist.phonetic import voiced
from agent_assist.row import read_rows
from agent_assist.transcript import Transcript, quote
from domain.errors import KnowledgeError
from domain.evidence import Evidence
from domain.side import Side
from domain.speech import UtteranceFinal
from domain.ticket import AppealType, DraftField, FieldName

_KEYWORD_WEIGHT = 1.0
_HINT_WEIGHT = 0.4
_AGENT_WEIGHT = 0.5
"""The agent repeats the matter, but also speaks of other things."""
_LEAST_SCORE = 0.75
"""One keyword that only sounds right is not enough; one that is written right is."""
_QUOTES = 4


class Category(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One matter. path: three levels parted by '/'; unit: who handles it (dispatch catalogue)."""

    id: str
    path: str
    matter: str
    keywords: tuple[str, ...]
    hints: tuple[str, ...] = ()
    unit: str
    usual_appeal: AppealType


class ChosenCategory(msgspec.Struct, frozen=True):
    category: Category
    confidence: float
    evidence: tuple[Evidence, ...]

    def as_field(self) -> DraftField:
        return DraftField(
            name=FieldName.CATEGORY, value=self.category.path, confidence=self.confidence, evidence=self.evidence
        )


class CategoryScheme:
    """All matters, with one lexicon over all their words."""

    def __init__(self, categories: tuple[Category, ...]) -> None:
        self.categories = categories
        self._weights: defaultdict[str, dict[int, float]] = defaultdict(dict)
        for number, category in enumerate(categories):
            for words, weight in ((category.hints, _HINT_WEIGHT), (category.keywords, _KEYWORD_WEIGHT)):
                for word in words:
                    self._weights[voiced(word)[0]][number] = weight
        self.lexicon = Lexicon(self._weights)

    def choose(self, transcript: Transcript) -> ChosenCategory | None:
        """The matter that the words tell best; None when they tell none."""
        told: defaultdict[int, dict[str, tuple[float, UtteranceFinal, Hit]]] = defaultdict(dict)
        for said in transcript.in_time:
            speaker = 1.0 if said.side is Side.CALLER else _AGENT_WEIGHT
            for hit in self.lexicon.find(said.text):
                for number, weight in self._weights[hit.phrase].items():
                    value = weight * hit.likeness * speaker * _rarity(len(self._weights[hit.phrase]))
                    known = told[number].get(hit.phrase)
                    if known is None or value > known[0]:
                        told[number][hit.phrase] = (value, said, hit)
        scores = {number: sum(value for value, _, _ in words.values()) for number, words in told.items()}
        if not scores:
            return None
        ranking = sorted(scores, key=lambda number: (-scores[number], number))
        best = ranking[0]
        if scores[best] < _LEAST_SCORE:
            return None
        second = scores[ranking[1]] if len(ranking) > 1 else 0.0
        strongest = sorted(told[best].values(), key=lambda word: (-word[0], word[1].start_ms, word[2].start))[:_QUOTES]
        return ChosenCategory(
            self.categories[best],
            round(0.95 * scores[best] / (scores[best] + 0.6 * second + 0.3), 2),
            tuple(quote(said, hit.start, hit.end, "category.words") for _, said, hit in strongest),
        )


def _rarity(categories: int) -> float:
    """A word that several matters share tells less."""
    return 1.0 / math.sqrt(categories)


def load_categories(file: Path) -> CategoryScheme:
    """The scheme of a YAML file; KnowledgeError names the line of a wrong or double entry."""
    categories: dict[str, Category] = {}
    for row in read_rows(file):
        category = row.read_as(Category)
        if category.id in categories or category.path in {other.path for other in categories.values()}:
            raise KnowledgeError(
                f"category '{category.id}' or its path stands twice", where=row.where, remedy="rename or remove one"
            )
        if category.path.count("/") != 2 or not category.keywords:
            raise KnowledgeError(
                f"category '{category.id}' needs a path of three levels and keywords",
                where=row.where,
                remedy="write 'path: level/level/level' and at least one keyword",
            )
        categories[category.id] = category
    return CategoryScheme(tuple(categories.values()))
