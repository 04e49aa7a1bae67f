"""How soon an answer is due: the survey's four levels (2 h, 24 h, 7 days, 15 days), by phrases."""

import re
from pathlib import Path

import msgspec

from agent_assist.category import ChosenCategory
from agent_assist.lexicon import Lexicon
from agent_assist.phonetic import voiced
from agent_assist.row import read_rows
from agent_assist.transcript import Transcript, quote
from domain.evidence import Evidence
from domain.side import Side
from domain.ticket import AppealType, DraftField, FieldName, Urgency

_DENIED = re.compile(r"(?:没有|没|不是|并非|不存在)(?:发生|发现|闻到|出现)?$")
_ORDER = (Urgency.EMERGENCY, Urgency.URGENT, Urgency.COMPLEX)
_LEAST_LIKENESS = 0.7
_QUOTES = 3


class UrgencyRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    level: Urgency
    phrases: tuple[str, ...]


class UrgencyRules:
    def __init__(self, rules: tuple[UrgencyRule, ...]) -> None:
        self._levels = {voiced(phrase)[0]: rule.level for rule in rules for phrase in rule.phrases}
        self._lexicon = Lexicon(self._levels)

    def choose(
        self, transcript: Transcript, category: ChosenCategory | None, appeal: DraftField | None
    ) -> DraftField | None:
        """The most urgent level that the caller's words name; 一般 for a known matter without such words."""
        found: dict[Urgency, list[Evidence]] = {}
        for said in transcript.in_time:
            for hit in self._lexicon.find(said.text) if said.side is Side.CALLER else ():
                if hit.likeness >= _LEAST_LIKENESS and not _DENIED.search(said.text[: hit.start]):
                    level = self._levels[hit.phrase]
                    found.setdefault(level, []).append(quote(said, hit.start, hit.end, "urgency.phrase"))
        asks_only = appeal is not None and appeal.value == AppealType.CONSULT
        for level in _ORDER:
            if level in found and not (asks_only and level is not Urgency.EMERGENCY):
                return _field(level, 0.85, tuple(found[level][:_QUOTES]))
        if category is None:
            return None
        return _field(Urgency.NORMAL, round(0.8 * category.confidence, 2), category.evidence[:1])


def _field(level: Urgency, confidence: float, evidence: tuple[Evidence, ...]) -> DraftField:
    return DraftField(name=FieldName.URGENCY, value=level.value, confidence=confidence, evidence=evidence)


def load_urgency_rules(file: Path) -> UrgencyRules:
    """The phrases of a YAML file; KnowledgeError names the line of a wrong entry."""
    return UrgencyRules(tuple(row.read_as(UrgencyRule) for row in read_rows(file)))
