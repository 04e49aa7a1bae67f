"""The words of this city that callers say and a recogniser misspells: places, departments, policies.

From the gazetteer (names and aliases), the dispatch catalogue (units, with and without the city and district), the
knowledge base (keywords, departments, the titles of regulations) and the operator's own file, whose weights count.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from agent_assist.article import SAMPLE_KNOWLEDGE, load_knowledge
from agent_assist.department import load_dispatch
from agent_assist.draft import RULES, SAMPLE_GAZETTEER
from agent_assist.gazetteer import PlaceKind, load_gazetteer
from agent_assist.hot_word_file import SAYABLE, read_hot_words
from agent_assist.settings import AssistSettings
from domain.errors import KnowledgeError
from domain.speech import HotWord

MOST_WORDS = 20_000
"""What one message of the bus holds with room to spare."""
_SHORTEST_KEYWORD = 3
"""A keyword of two characters is a word of everyone's, which the language model has."""
_REGULATION = re.compile(r"《([^》]+)》")


def city_words(settings: AssistSettings) -> tuple[HotWord, ...]:
    """All of them, each once, in a fixed order; KnowledgeError (file:line, remedy) when a file is wrong."""
    own = read_hot_words(settings.hot_words) if settings.hot_words else ()
    found = {word: HotWord(word) for word in _known(settings) if SAYABLE.fullmatch(word)}
    found |= {word.word: word for word in own}
    if len(found) > MOST_WORDS:
        raise KnowledgeError(
            f"{len(found)} hot words",
            where=str(settings.hot_words or settings.gazetteer or ""),
            remedy=f"keep to {MOST_WORDS}: leave out what callers do not say",
        )
    return tuple(found.values())


def city_files(settings: AssistSettings) -> tuple[Path, ...]:
    """The files that `city_words` reads: when one of them changes the words may have changed."""
    knowledge = settings.knowledge_dir or SAMPLE_KNOWLEDGE
    files = [
        *(sorted(file for file in knowledge.glob("*") if file.suffix in (".yaml", ".csv"))),
        (settings.rules_dir or RULES) / "dispatch.yaml",
        settings.gazetteer or SAMPLE_GAZETTEER,
    ]
    return tuple([*files, settings.hot_words] if settings.hot_words else files)


def _known(settings: AssistSettings) -> Iterator[str]:
    places = load_gazetteer(settings.gazetteer or SAMPLE_GAZETTEER).places
    for place in places:
        yield from (place.name, *place.aliases)
    holders = [place.name for place in places if place.kind in (PlaceKind.CITY, PlaceKind.DISTRICT)]
    for unit in load_dispatch((settings.rules_dir or RULES) / "dispatch.yaml").units:
        yield from _shortenings(unit.city_unit, holders)
    for article in load_knowledge(settings.knowledge_dir or SAMPLE_KNOWLEDGE):
        yield from _shortenings(article.department, holders)
        yield from (word for word in article.keywords if len(word) >= _SHORTEST_KEYWORD)
        for title in _REGULATION.findall(article.source):
            yield from _shortenings(title, holders)


def _shortenings(name: str, holders: list[str]) -> Iterator[str]:
    """A name as it is, and without the city or district before it, which callers leave out."""
    yield name
    holder = next((each for each in (*holders, "市", "区", "县") if name.startswith(each)), "")
    if holder:
        yield name.removeprefix(holder)
