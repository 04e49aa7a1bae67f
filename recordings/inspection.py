"""Scores one call by its words and its silences; every deduction carries what it rests on."""

from collections.abc import Sequence

from domain.evidence import Evidence
from domain.inspection import Finding
from domain.side import Side
from domain.speech import UtteranceFinal
from recordings.scorecard import PhraseRule, Scorecard

FULL_SCORE = 100
_EDGE = 2


Span = tuple[int, int]
"""(from, to) in ms on the call's media clock."""


def inspect_words(
    utterances: Sequence[UtteranceFinal], card: Scorecard, excused: Sequence[Span] = ()
) -> tuple[int, tuple[Finding, ...]]:
    """Score (0..100) and findings. utterances: both sides, in any order. Without an agent there is nothing to score.

    excused: when nobody was expected to speak (hold with music, a consultation, the queue); these do not overlap.
    """
    ordered = sorted(utterances, key=lambda utterance: utterance.start_ms)
    agent = [utterance for utterance in ordered if utterance.side is Side.AGENT]
    if not agent:
        return FULL_SCORE, ()
    findings = [finding for rule in card.rules for finding in _apply(rule, agent)]
    since_ms = agent[0].start_ms
    findings += _silences([utterance for utterance in ordered if utterance.end_ms >= since_ms], card, excused)
    score = FULL_SCORE + sum(finding.points for finding in findings)
    return max(0, min(FULL_SCORE, score)), tuple(findings)


def _apply(rule: PhraseRule, agent: Sequence[UtteranceFinal]) -> list[Finding]:
    searched = {"first": agent[:_EDGE], "last": agent[-_EDGE:], "any": agent}[rule.within]
    said = [
        _quote(utterance, utterance.text.index(phrase), phrase, rule.rule)
        for utterance in searched
        for phrase in rule.phrases
        if phrase in utterance.text
    ]
    if rule.kind == "forbidden":
        return [
            Finding(rule=rule.rule, title=rule.title, points=-rule.points, evidence=(evidence,)) for evidence in said
        ]
    if said:
        return [Finding(rule=rule.rule, title=rule.title, points=0, evidence=tuple(said[:1]))]
    whole = tuple(_quote(utterance, 0, utterance.text, rule.rule) for utterance in searched[:_EDGE])
    return [Finding(rule=rule.rule, title=f"缺少{rule.title}", points=-rule.points, evidence=whole)]


def _silences(ordered: Sequence[UtteranceFinal], card: Scorecard, excused: Sequence[Span]) -> list[Finding]:
    findings = []
    spoken_until = None
    for utterance in ordered:
        if spoken_until is not None and (
            _unexcused_ms(spoken_until.end_ms, utterance.start_ms, excused) > card.longest_silence_s * 1000
        ):
            gap = Evidence(
                utterance_id=spoken_until.utterance_id,
                chars=(len(spoken_until.text), len(spoken_until.text)),
                ms=(spoken_until.end_ms, utterance.start_ms),
                quote="",
                rule="silence",
            )
            findings.append(Finding(rule="silence", title="长时间静音", points=-card.silence_points, evidence=(gap,)))
        if spoken_until is None or utterance.end_ms > spoken_until.end_ms:
            spoken_until = utterance
    return findings


def _unexcused_ms(from_ms: int, to_ms: int, excused: Sequence[Span]) -> int:
    return to_ms - from_ms - sum(max(0, min(to_ms, end_ms) - max(from_ms, begin_ms)) for begin_ms, end_ms in excused)


def _quote(utterance: UtteranceFinal, start: int, quote: str, rule: str) -> Evidence:
    end = start + len(quote)
    times = utterance.char_ms
    return Evidence(
        utterance_id=utterance.utterance_id,
        chars=(start, end),
        ms=(
            times[start] if start < len(times) else utterance.start_ms,
            times[end] if end < len(times) else utterance.end_ms,
        ),
        quote=quote,
        rule=rule,
    )
