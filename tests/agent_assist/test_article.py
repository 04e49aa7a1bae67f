"""The knowledge loader: what it takes, and how it refuses."""

from pathlib import Path

import pytest

from agent_assist.article import SAMPLE_KNOWLEDGE, load_knowledge
from agent_assist.category import load_categories
from agent_assist.draft import RULES
from domain.errors import KnowledgeError

GOOD = """
- id: a-1
  title: 路灯报修
  questions: [路灯不亮, 路灯坏了]
  answer_script: 我为您登记。
  department: 城管局
  source: 样例
  valid_until: 2029-12-31
"""


def test_the_sample_base_is_large_enough_and_complete() -> None:
    articles = load_knowledge(SAMPLE_KNOWLEDGE)
    paths = {category.path for category in load_categories(RULES / "categories.yaml").categories}
    assert len(articles) >= 45
    for article in articles:
        assert 3 <= len(article.questions) <= 6
        assert "样例" in article.source
        assert article.category in paths
        assert article.keywords


def test_yaml_and_csv_are_read_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.csv").write_text(
        "id,title,questions,answer_script,department,source,valid_until,keywords,category\n"
        'b-1,停水,没水了|停水了,"抢修,两小时",水务,样例,2028-01-01,停水|没水,\n',
        encoding="utf-8-sig",
    )
    first, second = load_knowledge(tmp_path)
    assert (first.article_id, first.valid_until, first.keywords) == ("a-1", "2029-12-31", ())
    assert (second.questions, second.keywords, second.answer_script) == (
        ("没水了", "停水了"),
        ("停水", "没水"),
        "抢修,两小时",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("  title: 路灯报修\n", ""), r"a\.yaml:2: field 'title' is missing"),
        (GOOD.replace("title: 路灯报修", "title: ''"), r"a\.yaml:2: field 'title' must hold text"),
        (GOOD.replace("2029-12-31", "明年"), r"a\.yaml:2: field 'valid_until': '明年' is no date.*2027-12-31"),
        (GOOD.replace("2029-12-31", "2029-02-30"), r"valid_until|not valid YAML"),
        (GOOD.replace("[路灯不亮, 路灯坏了]", "[]"), r"a\.yaml:2: field 'questions' holds an empty"),
        (GOOD.replace("[路灯不亮, 路灯坏了]", "{a: b}"), r"a\.yaml:2: field 'questions' must be a list"),
        (GOOD + "  titel: x\n", r"a\.yaml:2: unknown field 'titel'"),
        (GOOD + "  title: x\n", r"a\.yaml:2: not valid YAML: field 'title' stands twice"),
        (GOOD + GOOD, r"a\.yaml:10: field 'id': 'a-1' stands already at .*a\.yaml:2"),
        ("- id: [", r"a\.yaml:1: not valid YAML"),
        ("id: x", r"a\.yaml:1: it must be a list"),
        ("- x", r"a\.yaml.*entry 1 is no mapping"),
        ("", r"a\.yaml: it holds no entries"),
    ],
)
def test_a_wrong_file_is_refused_with_line_field_and_remedy(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=says) as refused:
        load_knowledge(tmp_path)
    assert refused.value.remedy


def test_a_csv_row_of_another_width_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,title\na-1,路灯\na-2,路灯,多\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"a\.csv:3: the row has not the header's 2 columns"):
        load_knowledge(tmp_path)


def test_a_csv_without_a_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,title\na-1,路灯\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"a\.csv:2: field 'answer_script' is missing"):
        load_knowledge(tmp_path)


def test_no_folder_no_file_and_no_utf8_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="no such folder"):
        load_knowledge(tmp_path / "none")
    with pytest.raises(KnowledgeError, match=r"no \.yaml or \.csv"):
        load_knowledge(tmp_path)
    (tmp_path / "a.csv").write_bytes("编号".encode("gb18030"))
    with pytest.raises(KnowledgeError, match="not UTF-8"):
        load_knowledge(tmp_path)
