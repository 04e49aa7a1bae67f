"""How fast and how right the assistant is. `python -m bench.assist [--data FOLDER] [--seconds N]`.

Without the data set only the latency and the search over our own sample base are measured.
"""

import argparse
import csv
import gzip
import random
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import jieba
import yaml

from agent_assist.article import SAMPLE_KNOWLEDGE, load_knowledge
from agent_assist.assistant import Assistant, open_assistant
from agent_assist.draft import Drafter
from agent_assist.search import KnowledgeBase
from agent_assist.settings import AssistSettings
from agent_assist.transcript import Transcript
from bench.figure import Figure, percentile, report
from bench.jieba_search import jieba_bm25, recall
from bench.recognition_noise import RecognitionNoise
from domain.knowledge import Article
from domain.side import Side
from domain.speech import SpeechHealth, UtteranceFinal
from domain.ticket import AppealType, FieldName

TODAY = "2026-11-24"
NOISE_RATE = 0.25
DEMO_SCRIPT = Path(__file__).parents[1] / "hotline" / "demo_script.yaml"
PARAPHRASES = Path(__file__).with_name("assist_paraphrases.yaml")
_DRAWS = 5
_UTTERANCE_CHARS = 40
_CUT = re.compile(r"[，。！？；,.!?;\s]+")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seconds", type=float, default=120.0)
    options = parser.parse_args()
    jieba.setLogLevel(60)
    until = time.monotonic() + options.seconds
    figures = [*latency(open_assistant(AssistSettings())), *own_search(), *demo_call()]
    text = options.data / "text"
    if text.is_dir():
        figures += appeal_types(text, until)
        figures += answered_messages(text, until)
    else:
        print(f"no data set at {text}: its figures are left out (name it with --data)", file=sys.stderr)
    return report(figures)


# Latency


def latency(assistant: Assistant) -> list[Figure]:
    """Calls of 60 utterances, recomputed after each: the time of one draft with its suggestions, new words included."""
    chance = random.Random(1)
    paraphrases = [text for texts in _paraphrases("development").values() for text in texts]
    times_ms: list[float] = []
    cpu_ms: list[float] = []
    long_ms: list[float] = []
    for call in range(5):
        said = [f"{chance.choice(paraphrases)}，第{call}通第{number}句" for number in range(60)]
        utterances = _utterances(said)
        for count in range(1, 61):
            begun, cpu_begun = time.perf_counter(), time.process_time()
            assistant.advise(Transcript("c", "13800138000", utterances[:count]), 0, TODAY)
            times_ms.append((time.perf_counter() - begun) * 1000)
            cpu_ms.append((time.process_time() - cpu_begun) * 1000)
        long_ms.append(cpu_ms[-1])
    return [
        Figure("assist_advise_p95", percentile(times_ms, 95), "ms", 150.0, "lower"),
        Figure("assist_advise_cpu_p95", percentile(cpu_ms, 95), "ms", 50.0, "lower"),
        Figure("assist_advise_cpu_after_60_utterances", statistics.median(long_ms), "ms", 50.0, "lower"),
    ]


# Search over our own base


def own_search() -> list[Figure]:
    """Held-out paraphrases, clean and with recognition errors, beside BM25 over jieba words."""
    articles = [article for article in load_knowledge(SAMPLE_KNOWLEDGE) if article.valid_until >= TODAY]
    places = {article.article_id: number for number, article in enumerate(articles)}
    asked = [(places[name], text) for name, texts in _paraphrases("held_out").items() for text in texts]
    noise = RecognitionNoise([_all_text(article) for article in articles] + [text for _, text in asked])
    knowledge, drafter = KnowledgeBase(articles), Drafter()

    def ours(query: str) -> list[int]:
        transcript = Transcript("c", "", _utterances([query]))
        found = knowledge.suggest(transcript, 3, TODAY, drafter.matter(transcript))
        return [places[each.article.article_id] for each in found]

    peer = jieba_bm25([_all_text(article) for article in articles])
    figures = []
    for rate, name, target in ((0.0, "clean", 0.65), (NOISE_RATE, "noisy", 0.6)):
        chance = random.Random(7)
        draws = 1 if rate == 0 else _DRAWS
        queries = [(answer, noise.spoil(text, rate, chance)) for _ in range(draws) for answer, text in asked]
        for best in (1, 3):
            figures.append(
                Figure(
                    f"assist_search_{name}_recall_at_{best}",
                    recall(ours, queries, best),
                    "share",
                    target if best == 1 else target + 0.15,
                    "higher",
                    "BM25 over jieba words",
                    recall(peer, queries, best),
                )
            )
    return figures


# The draft of a whole call


def demo_call() -> list[Figure]:
    """The demo's conversation with recognition errors on both sides: the share of fields that are as expected."""
    script = yaml.safe_load(DEMO_SCRIPT.read_text(encoding="utf-8"))
    articles = load_knowledge(SAMPLE_KNOWLEDGE)
    noise = RecognitionNoise([turn["text"] for turn in script["turns"]] + [_all_text(each) for each in articles])
    drafter = Drafter()
    figures = []
    for rate, name, target in ((0.0, "clean", 1.0), (0.1, "noisy_10", 0.9), (NOISE_RATE, "noisy_25", 0.7)):
        chance = random.Random(5)
        right: list[bool] = []
        wrong: Counter[str] = Counter()
        for _ in range(1 if rate == 0 else 20):
            texts = [noise.spoil(turn["text"], rate, chance) for turn in script["turns"]]
            said = _utterances(texts, [Side(turn["side"]) for turn in script["turns"]])
            transcript = Transcript("c", "", said)
            fields = {field.name.value: field.value for field in drafter.fields(transcript)}
            for field, expected in script["expected"].items():
                right.append(expected in fields.get(field, ""))
                wrong[field] += not right[-1]
        print(f"{name}: wrong fields {dict(+wrong)}", file=sys.stderr)
        figures.append(Figure(f"assist_fields_{name}", sum(right) / len(right), "share", target, "higher"))
    return figures


# Appeal type on real tickets


def appeal_types(text: Path, until: float) -> list[Figure]:
    """Accuracy and macro-F1 on real tickets (written, of one subject), beside always answering the commonest type."""
    drafter = Drafter()
    truth: list[str] = []
    guessed: list[str] = []
    for row in _rows(text / "river_tickets.csv.gz"):
        if time.monotonic() > until or row["性质"] not in set(AppealType):
            continue
        transcript = Transcript("c", "", _utterances(_pieces(row["标题"] + "。" + row["投诉件内容"][:400])))
        fields = {field.name: field.value for field in drafter.fields(transcript)}
        truth.append(row["性质"])
        guessed.append(fields.get(FieldName.APPEAL_TYPE, ""))
    commonest = max(set(truth), key=truth.count)
    accuracy = _accuracy(truth, guessed)
    always = [commonest] * len(truth)
    peer = f"always {commonest}"
    return [
        Figure("assist_appeal_type_accuracy", accuracy, "share", None, "higher", peer, _accuracy(truth, always)),
        Figure("assist_appeal_type_macro_f1", _f1(truth, guessed), "share", 0.3, "higher", peer, _f1(truth, always)),
    ]


# Retrieval of real replies


def answered_messages(text: Path, until: float) -> list[Figure]:
    """Title of a citizen's message → its official reply, with recognition errors, beside BM25 over jieba words."""
    rows = list(_rows(text / "answered_messages.csv.gz"))
    replies = [row["答复意见"] for row in rows]
    same_reply: dict[str, int] = {}
    for number, reply in enumerate(replies):
        same_reply.setdefault(reply, number)
    knowledge = KnowledgeBase([_article_of(number, reply) for number, reply in enumerate(replies)])
    peer = jieba_bm25(replies)
    noise = RecognitionNoise(row["留言主题"] for row in rows)
    chance = random.Random(3)
    chosen = chance.sample(range(len(rows)), min(400, len(rows)))
    queries = [(number, noise.spoil(rows[number]["留言主题"], NOISE_RATE, chance)) for number in chosen]
    if time.monotonic() > until:
        return []

    def first_of(number: int) -> int:
        return same_reply[replies[number]]

    def ours(query: str) -> list[int]:
        return [int(each.article.article_id) for each in knowledge.search(query, 5, TODAY)]

    asked = [(first_of(number), query) for number, query in queries]
    return [
        Figure(
            "assist_reply_noisy_recall_at_5",
            recall(lambda query: [first_of(number) for number in ours(query)], asked, 5),
            "share",
            0.55,
            "higher",
            "BM25 over jieba words",
            recall(lambda query: [first_of(number) for number in peer(query)], asked, 5),
        )
    ]


def _article_of(number: int, reply: str) -> Article:
    """A reply to be found like an article of our own."""
    return Article(
        article_id=str(number),
        title="",
        questions=(reply,),
        answer_script="",
        department="",
        source="",
        valid_until="9999-12-31",
    )


# What they share


def _accuracy(truth: list[str], guessed: list[str]) -> float:
    return sum(a == b for a, b in zip(truth, guessed, strict=True)) / max(1, len(truth))


def _f1(truth: list[str], guessed: list[str]) -> float:
    """Mean of the F1 of each class that occurs."""
    scores = []
    for kind in sorted(set(truth)):
        both = sum(a == b == kind for a, b in zip(truth, guessed, strict=True))
        scores.append(2 * both / (truth.count(kind) + guessed.count(kind)))
    return statistics.mean(scores)


def _paraphrases(part: str) -> dict[str, list[str]]:
    loaded: dict[str, dict[str, list[str]]] = yaml.safe_load(PARAPHRASES.read_text(encoding="utf-8"))
    return loaded[part]


def _all_text(article: Article) -> str:
    return "。".join((article.title, *article.questions, *article.keywords, article.answer_script))


def _rows(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def _pieces(text: str) -> list[str]:
    """Written text in pieces as long as utterances."""
    pieces: list[str] = []
    for clause in filter(None, _CUT.split(text)):
        if pieces and len(pieces[-1]) + len(clause) < _UTTERANCE_CHARS:
            pieces[-1] += "，" + clause
        else:
            pieces.append(clause)
    return pieces or ["。"]


def _utterances(texts: Sequence[str], sides: Sequence[Side] = ()) -> tuple[UtteranceFinal, ...]:
    return tuple(
        UtteranceFinal(
            call_id="c",
            side=sides[number] if sides else Side.CALLER,
            utterance_id=f"c-{number:04d}",
            start_ms=number * 8000,
            end_ms=number * 8000 + 7000,
            text=text,
            char_ms=(),
            confidence=0.8,
            engine="bench",
            health=SpeechHealth.LIVE,
            ended_at_ms=0,
            recognised_at_ms=0,
        )
        for number, text in enumerate(texts)
    )


if __name__ == "__main__":
    raise SystemExit(main())
