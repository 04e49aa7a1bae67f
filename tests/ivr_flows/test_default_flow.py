from pathlib import Path

import pytest

from ivr_flows.engine import default_flow_path, load_flow
from ivr_flows.flow_case import FlowCase, cases_beside, read_flow_cases, run_flow_case
from ivr_flows.graph import page
from ivr_flows.lint import lint
from ivr_flows.pace import estimate_ms

CASES = read_flow_cases(cases_beside(default_flow_path()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_default_flow_does_what_its_test_file_says(case: FlowCase) -> None:
    assert run_flow_case(load_flow(default_flow_path()), case).failure == ""


def test_the_default_flow_has_nothing_to_find() -> None:
    assert lint(load_flow(default_flow_path())) == ()


def test_every_prompt_is_short_and_the_greeting_comes_first() -> None:
    prompts = load_flow(default_flow_path()).prompts()
    assert prompts[0].startswith("您好，12345")
    assert "您前面还有3位市民在等待，请不要挂机。" in prompts
    assert max(map(estimate_ms, prompts)) <= 6000
    assert len(prompts) == len(set(prompts))


def test_the_page_in_docs_is_the_flow() -> None:
    written = Path(__file__).parents[2] / "docs" / "flow_default.md"
    flow = load_flow(default_flow_path())
    assert written.read_text(encoding="utf-8") == page(flow, "ivr_flows/flows/default.yaml"), (
        "run `hotline flow graph --page docs/flow_default.md`"
    )
