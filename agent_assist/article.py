"""Knowledge articles (知识库) from a folder of files: YAML lists, or CSV with a header for a city's own data."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from agent_assist.row import Row, read_rows
from domain.errors import KnowledgeError
from domain.knowledge import Article

SAMPLE_KNOWLEDGE = Path(__file__).parent / "knowledge"
_TEXT_COLUMNS = ("id", "title", "answer_script", "department", "source", "valid_until")
_LIST_COLUMNS = ("questions", "keywords")
_OPTIONAL = ("keywords", "category")
_KNOWN = (*_TEXT_COLUMNS, *_LIST_COLUMNS, "category")
_CELL_SEPARATOR = "|"


def load_knowledge(folder: Path) -> tuple[Article, ...]:
    """All articles of the folder's .yaml and .csv files, by file name and line.

    In CSV the cells of `questions` and `keywords` hold several, parted by '|'. KnowledgeError names file:line, the
    field and the remedy for: an unreadable or empty folder or file, a missing, empty or unknown column, an id that
    stands twice, a date that is none.
    """
    if not folder.is_dir():
        raise KnowledgeError(
            "no such folder", where=str(folder), remedy="set agent_assist.knowledge_dir to a folder of articles"
        )
    files = sorted(file for file in folder.iterdir() if file.suffix in (".yaml", ".csv"))
    if not files:
        raise KnowledgeError("no .yaml or .csv file in it", where=str(folder), remedy="put the articles there")
    articles: dict[str, Article] = {}
    places: dict[str, str] = {}
    for file in files:
        for row in read_rows(file):
            article = _article(row)
            if article.article_id in articles:
                raise KnowledgeError(
                    f"field 'id': '{article.article_id}' stands already at {places[article.article_id]}",
                    where=row.where,
                    remedy="give each article its own id",
                )
            articles[article.article_id] = article
            places[article.article_id] = row.where
    return tuple(articles.values())


def _article(row: Row) -> Article:
    unknown = sorted(set(row.values) - set(_KNOWN))
    if unknown:
        raise KnowledgeError(
            f"unknown field '{unknown[0]}'", where=row.where, remedy=f"known fields: {', '.join(_KNOWN)}"
        )
    for name in _KNOWN:
        if name not in _OPTIONAL and name not in row.values:
            raise KnowledgeError(f"field '{name}' is missing", where=row.where, remedy="add the field or column")
    text = {name: _text(row, name) for name in _TEXT_COLUMNS}
    return Article(
        article_id=text["id"],
        title=text["title"],
        questions=_several(row, "questions"),
        answer_script=text["answer_script"],
        department=text["department"],
        source=text["source"],
        valid_until=_iso_date(row, text["valid_until"]),
        keywords=_several(row, "keywords") if row.values.get("keywords") else (),
        category=_text(row, "category") if row.values.get("category") else "",
    )


def _text(row: Row, name: str) -> str:
    value: Any = row.values[name]
    text = value.isoformat() if isinstance(value, date) else value
    if isinstance(text, int) and not isinstance(text, bool):
        text = str(text)
    if not isinstance(text, str) or not text.strip():
        raise KnowledgeError(f"field '{name}' must hold text", where=row.where, remedy="fill it in")
    return text.strip()


def _several(row: Row, name: str) -> tuple[str, ...]:
    value: Any = row.values[name]
    cells = value.split(_CELL_SEPARATOR) if isinstance(value, str) else value
    if not isinstance(cells, list) or isinstance(value, Mapping):
        raise KnowledgeError(f"field '{name}' must be a list", where=row.where, remedy="list them, or part them by '|'")
    texts = tuple(cell.strip() for cell in cells if isinstance(cell, str) and cell.strip())
    if not texts or len(texts) != len(cells):
        raise KnowledgeError(f"field '{name}' holds an empty or non-text entry", where=row.where, remedy="fill it in")
    return texts


def _iso_date(row: Row, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise KnowledgeError(
            f"field 'valid_until': '{text}' is no date", where=row.where, remedy="write it as 2027-12-31"
        ) from error
