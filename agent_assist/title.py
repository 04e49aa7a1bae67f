"""The title of the ticket: place, matter and appeal in at most 30 characters."""

from agent_assist.category import ChosenCategory
from agent_assist.clause import Purpose, clauses
from agent_assist.location import Location
from agent_assist.summary import third_person
from agent_assist.transcript import Transcript, quote
from domain.evidence import Evidence
from domain.ticket import DraftField, FieldName

MOST_CHARS = 30


def entitle(
    transcript: Transcript, location: Location | None, category: ChosenCategory | None, appeal: DraftField | None
) -> DraftField | None:
    """'青石街道锦绣花园小区夜间施工噪声扰民投诉'. Without a matter the caller's first telling clause stands in."""
    evidence: tuple[Evidence, ...]
    if category is not None:
        matter, evidence, confidence = category.category.matter, category.evidence[:2], category.confidence
    else:
        told = _first_telling_clause(transcript)
        if told is None:
            return None
        matter, evidence, confidence = told[0], (told[1],), 0.3
    ending = appeal.value if appeal is not None and category is not None else ""
    place = _place_within(location, MOST_CHARS - len(matter) - len(ending))
    value = (place + matter)[: MOST_CHARS - len(ending)] + ending
    if location is not None and place:
        evidence = (*location.evidence[:2], *evidence)
    if appeal is not None and ending:
        evidence = (*evidence, *appeal.evidence[:1])
    return DraftField(name=FieldName.TITLE, value=value, confidence=round(0.95 * confidence, 2), evidence=evidence)


def _place_within(location: Location | None, room: int) -> str:
    """As much of the address as fits, without the city."""
    if location is None:
        return ""
    parts = [part for part in location.parts if not part.endswith("市")]
    for first in range(len(parts)):
        if len("".join(parts[first:])) <= room:
            return "".join(parts[first:])
    return location.short if len(location.short) <= room else ""


def _first_telling_clause(transcript: Transcript) -> tuple[str, Evidence] | None:
    for said in transcript.by_caller:
        for clause in clauses(said.text):
            words = third_person(clause.words)
            if clause.purpose in (Purpose.FACT, Purpose.WISH) and len(words) >= 4:
                return words[:MOST_CHARS], quote(said, clause.start, clause.end, "title.clause")
    return None
