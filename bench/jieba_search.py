"""The search that ours is compared with, BM25 over words as jieba cuts them, and how much of what is asked it finds."""

import re
from collections.abc import Callable, Sequence

import bm25s
import jieba
import numpy as np

_WORD = re.compile(r"[0-9A-Za-z一-鿿]")

Find = Callable[[str], list[int]]
"""A question → the places of the documents that fit it, best first."""


def jieba_bm25(documents: Sequence[str]) -> Find:
    """Finds five at most."""
    index = bm25s.BM25(k1=1.2, b=0.75)
    index.index([_words(document) for document in documents], show_progress=False)

    def find(query: str) -> list[int]:
        scores = np.asarray(index.get_scores(_words(query) or ["。"]))
        return [int(number) for number in np.argsort(-scores, kind="stable")[:5] if scores[number] > 0]

    return find


def recall(find: Find, queries: Sequence[tuple[int, str]], best: int) -> float:
    """The share of the queries (place of the answer, question) whose answer is among the best so many."""
    return sum(answer in find(query)[:best] for answer, query in queries) / len(queries)


def _words(text: str) -> list[str]:
    return [word for word in jieba.cut_for_search(text) if _WORD.match(word)] or ["。"]
