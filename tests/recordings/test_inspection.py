"""Quality inspection: the default score sheet on small conversations, worked out by hand."""

from pathlib import Path

import pytest

from domain.errors import ConfigError
from domain.side import Side
from domain.speech import SpeechHealth, UtteranceFinal
from recordings.inspection import inspect_words
from recordings.scorecard import load_scorecard


def said(side: Side, number: int, start_ms: int, text: str, *, length_ms: int = 2000) -> UtteranceFinal:
    return UtteranceFinal(
        call_id="c",
        side=side,
        utterance_id=f"c-{side}-{number:04d}",
        start_ms=start_ms,
        end_ms=start_ms + length_ms,
        text=text,
        char_ms=tuple(start_ms + length_ms * i // len(text) for i in range(len(text))),
        confidence=0.9,
        engine="scripted",
        health=SpeechHealth.LIVE,
        ended_at_ms=0,
        recognised_at_ms=0,
    )


POLITE = [
    said(Side.AGENT, 0, 0, "您好，很高兴为您服务。"),
    said(Side.CALLER, 0, 3000, "我家楼下路灯坏了。"),
    said(Side.AGENT, 1, 6000, "您说的是青石街道，对吗？"),
    said(Side.CALLER, 1, 9000, "对的。"),
    said(Side.AGENT, 2, 12000, "好的，感谢您的来电，再见。"),
]


def test_a_polite_call_loses_nothing() -> None:
    score, findings = inspect_words(POLITE, load_scorecard())
    assert score == 100
    assert {finding.rule for finding in findings} == {"greeting", "read_back", "closing"}
    assert all(finding.points == 0 and finding.evidence for finding in findings)


def test_each_deduction_quotes_the_words() -> None:
    rude = [
        said(Side.AGENT, 0, 0, "什么事"),
        said(Side.CALLER, 0, 3000, "路灯坏了"),
        said(Side.AGENT, 1, 6000, "这不归我管"),
    ]
    score, findings = inspect_words(rude, load_scorecard())
    assert score == 100 - 10 - 5 - 5 - 10
    forbidden = next(finding for finding in findings if finding.rule == "forbidden")
    assert forbidden.evidence[0].quote == "不归我管"
    start, end = forbidden.evidence[0].chars
    assert rude[2].text[start:end] == "不归我管"


def test_a_long_silence_costs_points_and_names_its_span() -> None:
    gap = [*POLITE[:4], said(Side.AGENT, 2, 40_000, "让您久等了，祝您生活愉快，再见。")]
    score, findings = inspect_words(gap, load_scorecard())
    assert score == 97
    assert [finding.evidence[0].ms for finding in findings if finding.rule == "silence"] == [(11_000, 40_000)]


def test_a_silence_on_hold_is_no_fault_and_what_is_left_of_it_counts() -> None:
    gap = [*POLITE[:4], said(Side.AGENT, 2, 40_000, "让您久等了，祝您生活愉快，再见。")]
    assert inspect_words(gap, load_scorecard(), [(12_000, 39_000)])[0] == 100
    assert inspect_words(gap, load_scorecard(), [(5000, 12_000), (38_000, 90_000)])[0] == 97
    assert inspect_words(gap, load_scorecard(), [(5000, 17_000), (35_000, 90_000)])[0] == 100
    assert inspect_words(gap, load_scorecard(), [(0, 5000), (50_000, 90_000)])[0] == 97


def test_a_call_that_met_no_agent_has_nothing_to_score() -> None:
    assert inspect_words([POLITE[1]], load_scorecard()) == (100, ())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("name: x\n", "missing required field"), ("name: [", "not a score sheet"), ("a: 1\n", "unknown field")],
)
def test_a_broken_score_sheet_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "card.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=complaint) as caught:
        load_scorecard(file)
    assert str(file) in str(caught.value)
