"""The places of a city and which lies in which."""

from enum import StrEnum
from pathlib import Path

import msgspec

from agent_assist.lexicon import Lexicon
from agent_assist.phonetic import voiced
from agent_assist.row import read_rows
from domain.errors import KnowledgeError


class PlaceKind(StrEnum):
    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    ROAD = "road"
    ESTATE = "estate"
    LANDMARK = "landmark"


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """within: name of the place that holds it, "" for a city. In CSV the aliases stand in one cell, parted by '|'."""

    name: str
    kind: PlaceKind
    within: str
    aliases: tuple[str, ...] = ()


class Gazetteer:
    """All places, and their names and aliases as a lexicon."""

    def __init__(self, places: tuple[Place, ...]) -> None:
        self.places = places
        self._by_phrase = {voiced(phrase)[0]: place for place in places for phrase in (*place.aliases, place.name)}
        self._by_name = {place.name: place for place in places}
        self.lexicon = Lexicon(self._by_phrase)

    def place(self, phrase: str) -> Place:
        """The place of a phrase that the lexicon found."""
        return self._by_phrase[phrase]

    def chain(self, place: Place) -> tuple[Place, ...]:
        """The place and all that hold it, the smallest first."""
        chain = [place]
        while chain[-1].within:
            chain.append(self._by_name[chain[-1].within])
        return tuple(chain)


def load_gazetteer(file: Path) -> Gazetteer:
    """The gazetteer of a YAML or CSV file; KnowledgeError names the line of a wrong, double or homeless place."""
    places: dict[str, Place] = {}
    for row in read_rows(file):
        if isinstance(row.values.get("aliases"), str):
            row.values["aliases"] = [alias for alias in row.values["aliases"].split("|") if alias]
        place = row.read_as(Place)
        if place.name in places:
            raise KnowledgeError(f"'{place.name}' stands twice", where=row.where, remedy="remove one of them")
        if place.within and place.within not in places:
            raise KnowledgeError(
                f"'{place.name}' lies within '{place.within}', which is not above it in the file",
                where=row.where,
                remedy="list the larger place first, and check its spelling",
            )
        places[place.name] = place
    return Gazetteer(tuple(places.values()))
