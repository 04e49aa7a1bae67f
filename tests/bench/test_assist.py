"""The bench's own parts: noise of about the asked rate, and questions for articles that exist."""

import random

import yaml

from agent_assist.article import SAMPLE_KNOWLEDGE, load_knowledge
from bench.assist import PARAPHRASES
from bench.recognition_noise import RecognitionNoise


def test_the_noise_has_about_the_asked_rate() -> None:
    text = "".join(article.answer_script for article in load_knowledge(SAMPLE_KNOWLEDGE))
    spoiled = RecognitionNoise([text]).spoil(text, 0.25, random.Random(1))
    assert RecognitionNoise([text]).spoil(text, 0.0, random.Random(1)) == text
    assert 0.9 < len(spoiled) / len(text) < 1.1
    assert spoiled != text


def test_the_questions_are_for_articles_that_exist_and_are_not_their_own() -> None:
    articles = {article.article_id: article for article in load_knowledge(SAMPLE_KNOWLEDGE)}
    for part in yaml.safe_load(PARAPHRASES.read_text(encoding="utf-8")).values():
        for name, texts in part.items():
            assert not set(texts) & set(articles[name].questions)
