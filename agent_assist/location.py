"""Where the matter is: names of the gazetteer, address patterns, and what the agent reads back."""

import re
from collections import defaultdict

import msgspec

from agent_assist.address_pattern import Fragment, building_numbers, unlisted_names
from agent_assist.gazetteer import Gazetteer, Place, PlaceKind
from agent_assist.lexicon import Hit
from agent_assist.transcript import Transcript, quote
from domain.evidence import Evidence
from domain.side import Side
from domain.speech import UtteranceFinal
from domain.ticket import DraftField, FieldName

_AGENT_READS_BACK = 1.3
"""The agent repeats a place in clear words, near the microphone."""
_ORGANISATION = re.compile(
    r"(?:市|区|县)?(?:人民)?(?:政府|公安|分局|法院|住建|城管|城市管理|生态|教育|人社|卫健|市场监管|交警|街道办|12345|热线|便民|[一-鿿]{0,4}局|[一-鿿]{0,3}委)"
)
_BESIDE = re.compile(
    r"的?((?:[东西南北正大后]门)?(?:口|附近|旁边|边上|对面|外面|里面)|[东西南北正大后]门|门口|楼下|楼上|后面|隔壁|路口|[东西南北]侧)"
)
_NOT = re.compile(r"(?:不是|不在|并非)$")
_KINDS_IN_ADDRESS = (
    PlaceKind.CITY,
    PlaceKind.DISTRICT,
    PlaceKind.STREET,
    PlaceKind.COMMUNITY,
    PlaceKind.ROAD,
    PlaceKind.ESTATE,
    PlaceKind.LANDMARK,
)
_MOST_TELLING = (PlaceKind.ESTATE, PlaceKind.LANDMARK, PlaceKind.ROAD, PlaceKind.COMMUNITY, PlaceKind.STREET)


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """parts: the address from the city down; short: the part that tells most, for the title; district: "" if unknown"""

    parts: tuple[str, ...]
    short: str
    district: str
    confidence: float
    evidence: tuple[Evidence, ...]

    def as_field(self) -> DraftField:
        return DraftField(
            name=FieldName.LOCATION, value="".join(self.parts), confidence=self.confidence, evidence=self.evidence
        )


class _Mention(msgspec.Struct, frozen=True):
    said: UtteranceFinal
    hit: Hit
    votes: float


def find_location(transcript: Transcript, gazetteer: Gazetteer) -> Location | None:
    """The place of the matter, None when nobody named one (the city alone is in every greeting and does not count)."""
    mentions = _mentions(transcript, gazetteer)
    chosen = _best_of_each_kind(mentions, gazetteer)
    fragments = _fragments(transcript, gazetteer, chosen)
    if not fragments and not any(kind is not PlaceKind.CITY for kind in chosen):
        return None
    parts = {kind: place.name for kind, place in chosen.items()}
    evidence = [_evidence(mentions[place.name]) for place in chosen.values() if place.name in mentions]
    confidence = max(
        (min(0.95, mentions[p.name][0].hit.likeness) for p in chosen.values() if p.name in mentions), default=0
    )
    for fragment in fragments:
        parts.setdefault(fragment.kind, fragment.text)
        evidence.append(quote(fragment.said, fragment.start, fragment.end, fragment.rule))
    building, beside = building_numbers(transcript), _beside(mentions, chosen)
    ordered = [parts[kind] for kind in _KINDS_IN_ADDRESS if kind in parts]
    for extra in (building, beside):
        if extra is not None:
            ordered.append(extra.text)
            evidence.append(quote(extra.said, extra.start, extra.end, extra.rule))
    short = next((parts[kind] for kind in _MOST_TELLING if kind in parts), parts.get(PlaceKind.DISTRICT, ""))
    return Location(
        parts=tuple(ordered),
        short=short,
        district=parts.get(PlaceKind.DISTRICT, ""),
        confidence=round(confidence or 0.5, 2),
        evidence=tuple(evidence),
    )


def _mentions(transcript: Transcript, gazetteer: Gazetteer) -> dict[str, list[_Mention]]:
    """For each place its mentions, the clearest first."""
    mentions: defaultdict[str, list[_Mention]] = defaultdict(list)
    for place_in_call, said in enumerate(transcript.in_time):
        for hit in gazetteer.lexicon.find(said.text):
            after, before = said.text[hit.end :], said.text[: hit.start]
            if _ORGANISATION.match(after) or _NOT.search(before):
                continue
            votes = hit.likeness * (_AGENT_READS_BACK if said.side is Side.AGENT else 1.0)
            votes *= 1.0 + 0.1 * place_in_call / len(transcript.in_time)
            mentions[gazetteer.place(hit.phrase).name].append(_Mention(said, hit, votes))
    for found in mentions.values():
        found.sort(key=lambda mention: (-mention.hit.likeness, mention.said.start_ms))
    return dict(mentions)


def _best_of_each_kind(mentions: dict[str, list[_Mention]], gazetteer: Gazetteer) -> dict[PlaceKind, Place]:
    """The most-voted place of each kind, from the smallest up; a larger place is taken from where the smaller lies."""
    votes: defaultdict[str, float] = defaultdict(float)
    places: dict[str, Place] = {}
    for name, found in mentions.items():
        place = gazetteer.place(found[0].hit.phrase)
        places[name] = place
        for holder in gazetteer.chain(place):
            votes[holder.name] += sum(mention.votes for mention in found)
    chosen: dict[PlaceKind, Place] = {}
    for kind in (PlaceKind.ESTATE, PlaceKind.LANDMARK, *reversed(_KINDS_IN_ADDRESS)):
        candidates = [place for place in places.values() if place.kind is kind]
        if kind in chosen or not candidates or (kind is PlaceKind.LANDMARK and PlaceKind.ESTATE in chosen):
            continue
        best = max(candidates, key=lambda place: (_support(place, votes, gazetteer), place.name))
        for holder in gazetteer.chain(best):
            chosen.setdefault(holder.kind, holder)
    return chosen


def _support(place: Place, votes: dict[str, float], gazetteer: Gazetteer) -> float:
    """A place's own votes, and half of those for the places that hold it."""
    chain = gazetteer.chain(place)
    return votes[chain[0].name] + 0.5 * sum(votes.get(holder.name, 0.0) for holder in chain[1:-1])


def _evidence(found: list[_Mention]) -> Evidence:
    mention = found[0]
    rule = "gazetteer" if mention.hit.likeness == 1.0 else "gazetteer.sound"
    return quote(mention.said, mention.hit.start, mention.hit.end, rule)


def _fragments(transcript: Transcript, gazetteer: Gazetteer, chosen: dict[PlaceKind, Place]) -> list[Fragment]:
    """The latest unlisted name of each kind that the gazetteer did not give."""
    latest: dict[PlaceKind, Fragment] = {}
    for said in transcript.in_time:
        known = [(hit.start, hit.end) for hit in gazetteer.lexicon.find(said.text)]
        for fragment in unlisted_names(said, known):
            if not chosen.keys() & {PlaceKind.ESTATE, PlaceKind.LANDMARK, fragment.kind}:
                latest[fragment.kind] = fragment
    return list(latest.values())


def _beside(mentions: dict[str, list[_Mention]], chosen: dict[PlaceKind, Place]) -> Fragment | None:
    """'旁边', '东门对面' and the like right behind the smallest place: the longest, the latest of equals."""
    for kind in (PlaceKind.ESTATE, PlaceKind.LANDMARK, PlaceKind.ROAD):
        if kind not in chosen:
            continue
        found = [
            Fragment(mention.said, match.start(1), match.end(1), match[1], PlaceKind.LANDMARK, "address.beside")
            for mention in mentions.get(chosen[kind].name, [])
            if (match := _BESIDE.match(mention.said.text, mention.hit.end))
        ]
        return max(found, key=lambda one: (len(one.text), one.said.start_ms), default=None)
    return None
