import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import FlowError
from ivr_flows.engine import load_flow
from ivr_flows.flow_file import default_flow_path, read_flow
from ivr_flows.lint import Severity, lint

GOOD = """\
language: 1
flow: town
start: hello
person: person
nodes:
  hello:
    - say: {text: 您好。}
    - listen: {for: both}
    - branch:
        - {key: "0", goto: person}
        - {otherwise: yes, goto: person}
  person:
    - queue: {name: default}
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "flow.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_good_flow_loads(tmp_path: Path) -> None:
    flow = load_flow(write(tmp_path, GOOD))
    assert (flow.name, flow.version, flow.person) == ("town", 1, "person")


@pytest.mark.parametrize(
    ("good", "bad", "line", "says"),
    [
        ("flow: town", "flwo: town", 2, "did you mean 'flow'"),
        ("language: 1", "language: 2", 1, "reads version 1"),
        ("start: hello", "start: helo", 3, "did you mean 'hello'"),
        ("person: person", "person: hello", 6, "does not queue"),
        ("- say: {text: 您好。}", "- sya: {text: 您好。}", 7, "did you mean 'say'"),
        ("- say: {text: 您好。}", "- say: {txt: 您好。}", 7, "did you mean 'text'"),
        ("- say: {text: 您好。}", "- say: {}", 7, "lacks 'text'"),
        ("- say: {text: 您好。}", "- say: {text: 您好。, barge_in: anny}", 7, "did you mean 'any'"),
        ("- say: {text: 您好。}", "- say", 7, "one verb"),
        ("{for: both}", "{for: both, silence_ms: 4s}", 8, "whole number from 500"),
        ("{for: both}", "{for: both, silence_ms: 1}", 8, "whole number from 500"),
        ('{key: "0", goto: person}', '{key: "0", goto: persn}', 10, "did you mean 'person'"),
        ('{key: "0", goto: person}', '{key: "00", goto: person}', 10, "not a key"),
        ('{key: "0", goto: person}', '{key: "0", silence: yes, goto: person}', 10, "exactly one condition"),
        ('{key: "0", goto: person}', '{key: "0"}', 10, "lacks 'goto'"),
        ('{key: "0", goto: person}', "{speech: [], goto: person}", 10, "list of words"),
        ("{otherwise: yes, goto: person}", "{silence: yes, goto: person}", 9, "must end with 'otherwise'"),
        ("- queue: {name: default}", "- queue: {name: default, position: 请等待}", 13, "lacks {before}"),
        ("- queue: {name: default}", "- queue: {}", 13, "lacks 'name'"),
        ("nodes:\n", "nodes: [\n", 7, "not valid YAML"),
        ("flow: town", "flow: town\nflow: city", 3, "stands twice"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_remedy(tmp_path: Path, good: str, bad: str, line: int, says: str) -> None:
    assert good in GOOD
    with pytest.raises(FlowError) as caught:
        load_flow(write(tmp_path, GOOD.replace(good, bad)))
    assert says in str(caught.value)
    assert f"flow.yaml:{line}" in str(caught.value)


@pytest.mark.parametrize("text", ["", "just words", "- a\n- list\n", "nodes: {}\n"])
def test_what_is_no_flow_at_all_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FlowError):
        load_flow(write(tmp_path, text))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="cannot read"):
        load_flow(tmp_path / "none.yaml")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "flow.yaml"
    file.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(FlowError):
        load_flow(file)


@given(st.integers(0, len(GOOD)), st.text(max_size=6), st.integers(0, 12))
def test_a_damaged_flow_is_read_or_refused_with_its_place(at: int, noise: str, removed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "flow.yaml"
        file.write_text(GOOD[:at] + noise + GOOD[at + removed :], encoding="utf-8", errors="replace")
        assert refusal(file) in ("", str(file))


def refusal(file: Path) -> str:
    """The file that the refusal names, "" when the flow is taken."""
    try:
        load_flow(file)
    except FlowError as error:
        return re.sub(r":\d+$", "", error.where)
    return ""


SECOND_LEVEL = GOOD.replace(
    "        - {otherwise: yes, goto: person}\n",
    """        - {otherwise: yes, goto: more}
  more:
    - say: {text: 请再说一遍。}
    - listen: {for: both}
    - branch:
        - {key: "0", goto: person}
        - {otherwise: yes, goto: person}
""",
)


@pytest.mark.parametrize(
    ("text", "severity", "says"),
    [
        (SECOND_LEVEL, Severity.WARNING, "second level of menu"),
        (GOOD + "  lost:\n    - goto: person\n", Severity.WARNING, "no way leads to the node 'lost'"),
        (GOOD.replace("您好。", "您好，" * 20), Severity.WARNING, "more than 6 s"),
        (GOOD.replace('{key: "0"', '{key: "1"'), Severity.WARNING, "0 does not lead to a person"),
        (GOOD.replace("{text: 您好。}", "{text: 您好。, barge_in: none}"), Severity.WARNING, "cannot interrupt"),
        (GOOD.replace("    - listen: {for: both}\n", ""), Severity.ERROR, "branch without a listen"),
        (GOOD.replace("    - queue", "    - goto: hello\n    - queue"), Severity.ERROR, "never reached"),
        (GOOD + "  end:\n    - say: {text: 好。}\n", Severity.ERROR, "leads nowhere"),
        (GOOD.replace("    - queue", "    - announce: {text: 好。}\n    - queue"), Severity.ERROR, "answered already"),
        (
            GOOD.replace("    - listen", "    - announce: {text: 好。}\n    - listen"),
            Severity.ERROR,
            "answered already",
        ),
        (
            GOOD.replace("    - say", "    - announce: {text: 好。}\n    - say", 1).replace("好。", "好，" * 30),
            Severity.WARNING,
            "than 6 s",
        ),
        (GOOD + "  ring:\n    - goto: ring\n", Severity.ERROR, "back to itself"),
        (
            GOOD.replace("goto: person}", "goto: bye}") + "  bye:\n    - hangup: {cause: bye}\n",
            Severity.ERROR,
            "no way leads from 'hello' to a person",
        ),
    ],
)
def test_the_linter_finds(tmp_path: Path, text: str, severity: Severity, says: str) -> None:
    findings = lint(read_flow(write(tmp_path, text)))
    assert any(finding.severity is severity and says in finding.what for finding in findings), findings
    if severity is Severity.ERROR:
        with pytest.raises(FlowError):
            load_flow(tmp_path / "flow.yaml")


def test_the_built_in_flow_is_there() -> None:
    assert default_flow_path().is_file()
