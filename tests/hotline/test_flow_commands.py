from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.errors import FlowError
from hotline.flow_commands import flow_app
from ivr_flows.flow_file import default_flow_path

runner = CliRunner()


def copy_of_the_default(folder: Path, good: str = "", bad: str = "") -> str:
    for name in ("default.yaml", "default.test.yaml"):
        text = default_flow_path().with_name(name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(good, bad) if good else text, encoding="utf-8")
    return str(folder / "default.yaml")


def test_a_good_flow_passes_lint_and_tests(tmp_path: Path) -> None:
    file = copy_of_the_default(tmp_path)
    assert runner.invoke(flow_app, ["lint", file]).exit_code == 0
    tried = runner.invoke(flow_app, ["test", file])
    assert tried.exit_code == 0
    assert "按0立即转人工" in tried.output


def test_a_flow_that_no_longer_does_what_its_tests_say_fails_with_the_line(tmp_path: Path) -> None:
    file = copy_of_the_default(tmp_path, "silence_ms: 4000", "silence_ms: 9000")
    tried = runner.invoke(flow_app, ["test", file])
    assert tried.exit_code == 1
    assert "default.test.yaml:" in tried.output


def test_an_unwise_flow_is_warned_of_and_a_wrong_one_fails(tmp_path: Path) -> None:
    unwise = runner.invoke(flow_app, ["lint", copy_of_the_default(tmp_path, "请直接说您的问题", "请说" * 20)])
    assert unwise.exit_code == 0
    assert "warning" in unwise.output
    wrong = runner.invoke(flow_app, ["lint", copy_of_the_default(tmp_path, "start: greeting", "start: greting")])
    assert isinstance(wrong.exception, FlowError)


def test_the_graph_is_drawn(tmp_path: Path) -> None:
    file = copy_of_the_default(tmp_path)
    assert "flowchart TD" in runner.invoke(flow_app, ["graph", file]).output
    runner.invoke(flow_app, ["graph", file, "--page", str(tmp_path / "page.md")])
    assert "```mermaid" in (tmp_path / "page.md").read_text(encoding="utf-8")


def test_a_flow_without_tests_says_where_they_belong(tmp_path: Path) -> None:
    file = copy_of_the_default(tmp_path)
    (tmp_path / "default.test.yaml").unlink()
    with pytest.raises(FlowError, match=r"default\.test\.yaml"):
        runner.invoke(flow_app, ["test", file], catch_exceptions=False)
