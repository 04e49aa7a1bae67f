"""Knowledge articles (知识库) and what is recommended of them (知识推荐)."""

import msgspec

from domain.evidence import Evidence
from domain.ticket import DraftUpdated


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """One article. valid_until: ISO date after which it is no longer suggested. questions: how citizens ask for it."""

    article_id: str
    title: str
    questions: tuple[str, ...]
    answer_script: str
    department: str
    source: str
    valid_until: str
    keywords: tuple[str, ...] = ()
    category: str = ""


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """An article with the reason why it is suggested. score: higher is better, comparable within one answer only."""

    article: Article
    score: float
    evidence: tuple[Evidence, ...]


class SuggestionsUpdated(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="suggestions"):
    """The best articles so far, best first, at most three (subject `call.<id>.assist`); version as in DraftUpdated."""

    call_id: str
    version: int
    at_ms: int
    after_utterance: str
    final_at_ms: int
    suggestions: tuple[Suggestion, ...]


AssistMessage = DraftUpdated | SuggestionsUpdated


class SearchKnowledge(msgspec.Struct, frozen=True, kw_only=True):
    """Request `knowledge.search`."""

    query: str
    limit: int = 10


class KnowledgeFound(msgspec.Struct, frozen=True, kw_only=True):
    suggestions: tuple[Suggestion, ...]
