"""Knowledge search and suggestion: three rankings by BM25, added up.

Pairs of characters find what was recognised right, pairs of folded sounds what was recognised wrong, and single
characters what a citizen says in other words than the article (bench.assist compares with BM25 over words).
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from agent_assist.category import ChosenCategory
from agent_assist.clause import Purpose, clauses
from agent_assist.colloquial import Colloquial, load_colloquial
from agent_assist.phonetic import folded_syllable, voiced
from agent_assist.ranking import Ranking, weighted_counts
from agent_assist.transcript import Transcript, quote
from domain.evidence import Evidence
from domain.knowledge import Article, Suggestion
from domain.speech import UtteranceFinal

_TITLE_WEIGHT = 2.0
_QUESTION_WEIGHT = 1.0
_KEYWORD_WEIGHT = 2.0
_SCRIPT_WEIGHT = 0.6
_SOUND_WEIGHT = 0.6
_SINGLE_WEIGHT = 0.8
_FLOOR = 9.0
"""Below this score an article is not suggested: greetings and numbers reach about half of it."""
_MEANT_WEIGHT = 0.8
"""A word that was meant counts less than one that was said."""
_FLOOR_OF_BEST = 0.35
"""An article with less than this share of the best one's score is not suggested beside it."""
_SAME_MATTER = 12.0
_NEXT_MATTER = 8.0
"""What an article gains by lying in the draft's category, and in the next one to it."""
_OLDER_WEIGHT = 0.6
"""The call's first words count this much of its last ones."""
_QUOTES = 3
_LEAST_GAIN = 1.0
_CACHED_TEXTS = 4096
_COMMON = frozenset({
    "我们", "你们", "他们", "我想", "想问", "问一", "一下", "请问", "什么", "怎么", "可以", "这个", "那个", "就是",
    "没有", "不是", "一个", "现在", "能不", "不能", "不知", "知道", "的时", "时候", "是不", "了吗", "我的", "我家",
    "一直", "还有", "然后", "因为", "所以", "如果", "反映", "你好", "您好", "谢谢", "麻烦", "帮我", "希望", "投诉",
    "咨询", "处理", "问题", "多少", "哪里", "有没", "里的", "的话", "我在", "不了", "我这", "这边", "那边", "好多",
    "好几", "已经", "给我", "怎样", "如何", "需要", "应该", "办理",
})  # fmt: skip


_EMPTY = frozenset(
    "的了是我你他她它们这那个有在不也就都到和说要会没还把被给吗呢啊吧去来上下里一二三么什怎能可以想请问为对从得着过很好您哪多少几时候天反映题投诉咨询处理"
)


class _Token(msgspec.Struct, frozen=True):
    """Two neighbouring characters and sounds at text[start:end]."""

    start: int
    end: int
    chars: str
    sounds: str


@lru_cache(maxsize=8192)
def _tokens(text: str) -> tuple[_Token, ...]:
    bare, places = voiced(text)
    return tuple(
        _Token(
            places[at],
            places[at + 1] + 1,
            bare[at : at + 2],
            f"{folded_syllable(bare[at])} {folded_syllable(bare[at + 1])}",
        )
        for at in range(len(bare) - 1)
    )


class _Said(msgspec.Struct, frozen=True):
    """Words of a query with their weight; said is None for a typed query."""

    said: UtteranceFinal | None
    token: _Token
    weight: float


class _Query(msgspec.Struct, frozen=True):
    """Tokens and their weights for each of the three rankings."""

    pairs: dict[str, float]
    sounds: dict[str, float]
    singles: dict[str, float]


class KnowledgeBase:
    """The articles and their index; immutable. today (ISO date) decides what has expired."""

    def __init__(self, articles: Sequence[Article], colloquial: Colloquial | None = None) -> None:
        self._colloquial = colloquial or load_colloquial()
        self._telling = lru_cache(maxsize=_CACHED_TEXTS)(self._read_telling)
        self.articles = tuple(articles)
        self._by_pairs = Ranking([_document(article, _pairs) for article in articles])
        self._by_sounds = Ranking([_document(article, _sound_pairs) for article in articles])
        self._by_singles = Ranking([_document(article, _single_chars) for article in articles])

    def search(self, query: str, limit: int, today: str) -> tuple[Suggestion, ...]:
        """The best articles for a typed query, best first; their evidence is empty, as nobody said it."""
        words = [_Said(None, token, weight) for token, weight in self._meaning(query)]
        scores = self._scores(words)
        best = [number for number in _descending(scores) if scores[number] > 0]
        valid = [number for number in best if self.articles[number].valid_until >= today]
        return tuple(
            Suggestion(article=self.articles[number], score=round(float(scores[number]), 3), evidence=())
            for number in valid[:limit]
        )

    def suggest(
        self, transcript: Transcript, limit: int, today: str, matter: ChosenCategory | None = None
    ) -> tuple[Suggestion, ...]:
        """The best articles for what the caller has said, each with the words that matched; () when none fits.

        matter: the draft's category; its articles gain, and its neighbours (the same two upper levels) fill up.
        """
        words: list[_Said] = []
        count = len(transcript.by_caller)
        for place, said in enumerate(transcript.by_caller, 1):
            recent = _OLDER_WEIGHT + (1 - _OLDER_WEIGHT) * place / count
            words.extend(_Said(said, token, recent * weight) for token, weight in self._telling(said.text))
        scores = self._scores(words)
        related = self._related(matter)
        scores += related
        suggestions: list[Suggestion] = []
        for number in _descending(scores):
            score, article = float(scores[number]), self.articles[number]
            if score <= _FLOOR or len(suggestions) >= limit:
                break
            far_behind = bool(suggestions) and score < _FLOOR_OF_BEST * suggestions[0].score
            evidence = self._evidence(words, number) or (matter.evidence if matter and related[number] else ())
            if article.valid_until >= today and evidence and (related[number] or not far_behind):
                suggestions.append(Suggestion(article=article, score=round(score, 3), evidence=evidence))
        return tuple(suggestions)

    def _read_telling(self, text: str) -> tuple[tuple[_Token, float], ...]:
        """As `_meaning`, without clauses of courtesy and of names and numbers."""
        kept = [each for each in clauses(text) if each.purpose not in (Purpose.COURTESY, Purpose.IDENTITY)]
        return tuple(
            (token, weight)
            for token, weight in self._meaning(text)
            if any(clause.start <= token.start and token.end <= clause.end for clause in kept)
        )

    def _meaning(self, text: str) -> list[tuple[_Token, float]]:
        """What was said, and what was meant by it, in the order of the text."""
        said = [(token, 1.0) for token in _tokens(text)]
        meant = [
            (_Token(form.start, form.end, token.chars, token.sounds), _MEANT_WEIGHT)
            for form in self._colloquial.find(text)
            for token in _tokens(form.written)
        ]
        return sorted(said + meant, key=lambda weighted: (weighted[0].start, weighted[0].end))

    def _scores(self, words: list[_Said]) -> NDArray[np.float64]:
        query = _query(words)
        scores = self._by_pairs.scores(query.pairs) + _SOUND_WEIGHT * self._by_sounds.scores(query.sounds)
        return scores + _SINGLE_WEIGHT * self._by_singles.scores(query.singles)

    def _related(self, matter: ChosenCategory | None) -> NDArray[np.float64]:
        """What each article gains by the draft's category."""
        gains = np.zeros(len(self.articles))
        if matter is not None:
            path = matter.category.path
            for number, article in enumerate(self.articles):
                if article.category == path:
                    gains[number] = _SAME_MATTER * matter.confidence
                elif article.category.rpartition("/")[0] == path.rpartition("/")[0]:
                    gains[number] = _NEXT_MATTER * matter.confidence
        return gains

    def _gain(self, token: _Token, document: int) -> float:
        """What two neighbouring characters give to one article."""
        singles = sum(self._by_singles.part(char, document) for char in token.chars)
        pair = self._by_pairs.part(token.chars, document) + _SOUND_WEIGHT * self._by_sounds.part(token.sounds, document)
        return pair + _SINGLE_WEIGHT * singles / 2

    def _evidence(self, words: list[_Said], document: int) -> tuple[Evidence, ...]:
        """The stretches of speech that gave the article most."""
        stretches: list[tuple[float, UtteranceFinal, int, int]] = []
        gains: dict[tuple[str, str], float] = {}
        for word in words:
            if word.said is None:
                continue
            key = (word.token.chars, word.token.sounds)
            gain = gains.get(key)
            if gain is None:
                gain = gains[key] = self._gain(word.token, document)
            if gain <= _LEAST_GAIN:
                continue
            last = stretches[-1] if stretches else None
            if last is not None and last[1] is word.said and word.token.start < last[3]:
                stretches[-1] = (last[0] + gain, last[1], last[2], max(last[3], word.token.end))
            else:
                stretches.append((gain, word.said, word.token.start, word.token.end))
        best = sorted(stretches, key=lambda one: (-one[0], one[1].start_ms, one[2]))[:_QUOTES]
        return tuple(quote(said, start, end, "knowledge.bigrams") for _, said, start, end in best)


def _query(words: list[_Said]) -> _Query:
    """Weights of all that was said: what is said again adds little, common phrases count little."""
    query = _Query({}, {}, {})
    for word in words:
        weight = word.weight * (0.15 if word.token.chars in _COMMON else 1.0)
        for tokens, token in ((query.pairs, word.token.chars), (query.sounds, word.token.sounds)):
            known = tokens.get(token, 0.0)
            tokens[token] = max(known, weight) + (0.2 * min(known, weight) if known else 0.0)
        for char in word.token.chars:
            query.singles[char] = max(query.singles.get(char, 0.0), weight)
    return query


def _document(article: Article, tokens_of: Callable[[str], Iterable[str]]) -> dict[str, float]:
    def tokens(*texts: str) -> list[str]:
        return [token for text in texts for token in tokens_of(text)]

    return weighted_counts(
        (
            (tokens(article.title), _TITLE_WEIGHT),
            (tokens(*article.questions), _QUESTION_WEIGHT),
            (tokens(*article.keywords), _KEYWORD_WEIGHT),
            (tokens(article.answer_script), _SCRIPT_WEIGHT),
        )
    )


def _pairs(text: str) -> list[str]:
    return [token.chars for token in _tokens(text)]


def _sound_pairs(text: str) -> list[str]:
    return [token.sounds for token in _tokens(text)]


def _single_chars(text: str) -> list[str]:
    return [char for char in voiced(text)[0] if char not in _EMPTY]


def _descending(scores: NDArray[np.float64]) -> list[int]:
    return [int(number) for number in np.argsort(-scores, kind="stable")]
