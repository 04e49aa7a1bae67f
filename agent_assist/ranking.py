"""BM25 over any tokens, in memory, as postings in numpy arrays (Robertson & Zaragoza 2009; k1 1.2, b 0.75)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_K1 = 1.2
_B = 0.75


class Ranking:
    """An index of documents, each a mapping of token to (weighted) count."""

    def __init__(self, documents: Sequence[Mapping[str, float]]) -> None:
        self.size = len(documents)
        lengths = np.array([sum(document.values()) for document in documents], dtype=np.float64)
        mean = float(lengths.mean()) if self.size else 1.0
        postings: defaultdict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for number, document in enumerate(documents):
            norm = _K1 * (1 - _B + _B * lengths[number] / max(mean, 1e-9))
            for token, count in document.items():
                numbers, parts = postings[token]
                numbers.append(number)
                parts.append(count * (_K1 + 1) / (count + norm))
        self._postings: dict[str, tuple[NDArray[np.intp], NDArray[np.float64]]] = {}
        for token, (numbers, parts) in postings.items():
            rarity = np.log(1 + (self.size - len(numbers) + 0.5) / (len(numbers) + 0.5))
            self._postings[token] = (np.array(numbers, dtype=np.intp), np.array(parts) * rarity)

    def scores(self, query: Mapping[str, float]) -> NDArray[np.float64]:
        """One score a document: the weighted sum over the query's tokens."""
        scores = np.zeros(self.size)
        for token, weight in query.items():
            if token in self._postings:
                numbers, parts = self._postings[token]
                scores[numbers] += weight * parts
        return scores

    def part(self, token: str, document: int) -> float:
        """What one token gives to one document."""
        numbers, parts = self._postings.get(token, (None, None))
        if numbers is None or parts is None:
            return 0.0
        place = int(numbers.searchsorted(document))
        return float(parts[place]) if place < len(numbers) and numbers[place] == document else 0.0


def weighted_counts(parts: Iterable[tuple[Iterable[str], float]]) -> dict[str, float]:
    """Token counts of several fields, each field with its weight."""
    counts: defaultdict[str, float] = defaultdict(float)
    for tokens, weight in parts:
        for token in tokens:
            counts[token] += weight
    return dict(counts)
