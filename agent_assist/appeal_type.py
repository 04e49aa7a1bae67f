"""What the caller wants of the city: the six appeal types of DB12/T 1438-2025, by cue phrases."""

from collections import defaultdict
from pathlib import Path

import msgspec

from agent_assist.category import ChosenCategory
from agent_assist.lexicon import Lexicon
from agent_assist.phonetic import voiced
from agent_assist.row import read_rows
from agent_assist.transcript import Transcript, quote
from domain.evidence import Evidence
from domain.side import Side
from domain.ticket import AppealType, DraftField, FieldName

_LEAST_LIKENESS = 0.7
"""Two characters of which one only sounds right are too weak a cue."""
_USUAL_WEIGHT = 0.8
"""What a matter mostly is counts less than one clear cue."""
_AGENT_WEIGHT = 0.4
_REPEATED = 0.25
_QUOTES = 3


class AppealCue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    type: AppealType
    weight: float
    phrases: tuple[str, ...]


class AppealRules:
    def __init__(self, cues: tuple[AppealCue, ...]) -> None:
        self._cues = {voiced(phrase)[0]: cue for cue in cues for phrase in cue.phrases}
        self._lexicon = Lexicon(self._cues)

    def choose(self, transcript: Transcript, category: ChosenCategory | None) -> DraftField | None:
        """The type with the most weight of cues; the matter's usual type is one more voice. None without any."""
        weights: defaultdict[AppealType, float] = defaultdict(float)
        quotes: defaultdict[AppealType, list[tuple[float, Evidence]]] = defaultdict(list)
        heard: set[str] = set()
        for said in transcript.in_time:
            speaker = 1.0 if said.side is Side.CALLER else _AGENT_WEIGHT
            for hit in self._lexicon.find(said.text):
                if hit.likeness < _LEAST_LIKENESS:
                    continue
                cue = self._cues[hit.phrase]
                weight = cue.weight * hit.likeness * speaker * (_REPEATED if hit.phrase in heard else 1.0)
                heard.add(hit.phrase)
                weights[cue.type] += weight
                quotes[cue.type].append((weight, quote(said, hit.start, hit.end, "appeal.cue")))
        if category is not None:
            usual = category.category.usual_appeal
            weights[usual] += _USUAL_WEIGHT * category.confidence
            quotes[usual].extend((0.0, evidence) for evidence in category.evidence[:1])
        if not weights:
            return None
        order = tuple(AppealType)
        best = max(weights, key=lambda kind: (weights[kind], -order.index(kind)))
        strongest = sorted(quotes[best], key=lambda item: -item[0])[:_QUOTES]
        return DraftField(
            name=FieldName.APPEAL_TYPE,
            value=best.value,
            confidence=round(0.95 * weights[best] / (sum(weights.values()) + 0.3), 2),
            evidence=tuple(evidence for _, evidence in strongest),
        )


def load_appeal_rules(file: Path) -> AppealRules:
    """The cues of a YAML file; KnowledgeError names the line of a wrong entry."""
    return AppealRules(tuple(row.read_as(AppealCue) for row in read_rows(file)))
