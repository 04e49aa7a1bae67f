"""Search and suggestion over the sample base."""

from collections.abc import Callable

import msgspec
import pytest

from agent_assist.article import SAMPLE_KNOWLEDGE, load_knowledge
from agent_assist.draft import Drafter
from agent_assist.search import KnowledgeBase
from agent_assist.transcript import Transcript

Converse = Callable[..., Transcript]
TODAY = "2026-11-24"


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return KnowledgeBase(load_knowledge(SAMPLE_KNOWLEDGE))


def ids(knowledge: KnowledgeBase, transcript: Transcript) -> list[str]:
    return [each.article.article_id for each in knowledge.suggest(transcript, 3, TODAY)]


def test_the_building_site_suggests_the_right_three(
    knowledge: KnowledgeBase, drafter: Drafter, building_site: Transcript
) -> None:
    suggestions = knowledge.suggest(building_site, 3, TODAY, drafter.matter(building_site))
    assert [each.article.article_id for each in suggestions][:2] == ["env-001", "env-002"]
    assert len(suggestions) == 3
    assert suggestions[2].article.category.startswith("生态环境/噪声扰民/")
    texts = {said.utterance_id: said.text for said in building_site.by_caller}
    for suggestion in suggestions:
        assert suggestion.evidence
        for evidence in suggestion.evidence:
            assert texts[evidence.utterance_id][evidence.chars[0] : evidence.chars[1]] == evidence.quote


@pytest.mark.parametrize(
    ("spoken", "article"),
    [
        ("我租的房子想把公基金取出来", "hou-001"),
        ("单位不发工资都三个月了", "lab-001"),
        ("小区里面好多狗也不栓绳", "pol-004"),
        ("家里老人八十多了有没有不贴", "soc-007"),
        ("我门口路登坏了", "urb-002"),
        ("闻到很重的没气味", "uti-005"),
        ("地下车裤进水了", "urb-005"),
        ("健身房关门了卡里的钱退不了", "con-001"),
    ],
)
def test_misheard_words_find_the_article(
    knowledge: KnowledgeBase, converse: Converse, spoken: str, article: str
) -> None:
    assert ids(knowledge, converse("C:" + spoken))[0] == article


@pytest.mark.parametrize(
    "line",
    [
        "C:喂你好",
        "C:喂，你好，是12345吗，我想问一下",
        "C:我姓王，电话是13800138000",
        "C:对对对就是这样的好的好的",
        "C:嗯我想反映一个问题",
        "A:请问您是要反映夜间施工噪声扰民吗",
    ],
)
def test_small_talk_and_the_agents_words_suggest_nothing(
    knowledge: KnowledgeBase, converse: Converse, line: str
) -> None:
    assert ids(knowledge, converse(line)) == []


def test_an_expired_article_is_never_shown(knowledge: KnowledgeBase, converse: Converse) -> None:
    transcript = converse("C:节日放假期间热线有人值班吗")
    assert "gov-004" not in ids(knowledge, transcript)
    assert "gov-004" not in [each.article.article_id for each in knowledge.search("节日放假值班", 10, TODAY)]
    assert "gov-004" in [each.article.article_id for each in knowledge.search("节日放假值班", 10, "2024-02-01")]


def test_typed_search_orders_by_score_and_keeps_to_its_limit(knowledge: KnowledgeBase) -> None:
    found = knowledge.search("公积金", 5, TODAY)
    assert {each.article.article_id for each in found[:2]} == {"hou-001", "hou-002"}
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert knowledge.search("", 5, TODAY) == ()
    assert knowledge.search("公积金", 0, TODAY) == ()


def test_an_empty_base_finds_nothing(converse: Converse) -> None:
    empty = KnowledgeBase(())
    assert empty.search("公积金", 3, TODAY) == ()
    assert empty.suggest(converse("C:公积金怎么取"), 3, TODAY) == ()


def test_suggestions_can_travel(knowledge: KnowledgeBase, building_site: Transcript) -> None:
    assert msgspec.json.encode(knowledge.suggest(building_site, 3, TODAY))
