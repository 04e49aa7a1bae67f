"""What must come of a demo call, looked up where its users look."""

import io
from typing import Any

import soundfile

from asr.scoring import character_error_rate
from domain.side import Side
from domain.ticket import FieldName
from hotline.demo_talk import Talk
from hotline.desk_client import DeskClient, said_in
from hotline.steps import Steps, percentile

WORST_CER = 0.32
AUDIBLE_RMS = 0.0005


def check_call(steps: Steps, call: dict[str, Any]) -> None:
    """The call's own record: ended, connected, three clocks."""
    clocks = call["clocks"]
    steps.check("call is in the log", call["status"] == "ended", f"agent {call['agent_id']} {call['agent_name']}")
    names = {"ring_to_person_ms": "ring→person", "menu_end_to_person_ms": "menu end→person"}
    names["queue_to_person_ms"] = "queue→person"
    known = {label: clocks[key] for key, label in names.items() if clocks[key] is not None}
    detail = " · ".join(f"{label} {value / 1000:.1f} s" for label, value in known.items())
    steps.check("three clocks", len(known) == 3, detail, **clocks)


def check_transcript(steps: Steps, desk: DeskClient, call: dict[str, Any], talk: Talk) -> None:
    """Both sides' words, how right, and how late they were on the page."""
    finals = [message for message in desk.live if message.type == "utterance" and message.body["final"]]
    partials = sum(message.type == "utterance" and not message.body["final"] for message in desk.live)
    pairs = []
    for side in Side:
        heard = sorted((u for u in call["utterances"] if u["side"] == side), key=lambda u: u["start_ms"])
        text, said = "".join(u["text"] for u in heard), "".join(map(said_in, heard))
        reference = talk.reference(side)
        detail = f"{len(heard)} utterances"
        if reference:
            pairs.append((reference, said))
            detail += f", character error rate {character_error_rate(pairs[-1:]):.1%}"
        steps.check(f"{side}'s words", bool(text) or not reference, detail, text=text)
    if pairs:
        rate = character_error_rate(pairs)
        detail = f"{rate:.1%} of characters, both sides, through the whole path (at most {WORST_CER:.0%})"
        steps.check("error rate", rate <= WORST_CER, detail, character_error_rate=round(rate, 4))
    lateness = [message.at_ms - message.body["ended_at_ms"] for message in finals if message.body.get("ended_at_ms")]
    p50, p95 = percentile(lateness, 0.5), percentile(lateness, 0.95)
    detail = f"{len(finals)} finals, {partials} partials; speech end → page p50 {p50:.0f} ms, p95 {p95:.0f} ms"
    facts = {
        "finals": len(finals),
        "partials": partials,
        "speech_end_to_page_p50_ms": p50,
        "speech_end_to_page_p95_ms": p95,
    }
    steps.check("words reach the page live", len(finals) > 0, detail, **facts)


def check_draft(steps: Steps, desk: DeskClient, call: dict[str, Any], talk: Talk) -> None:
    """Fields with evidence, articles, and how late both followed the words."""
    fields = call["ticket"]["fields"]
    filled = {name: f["value"] for name, f in fields.items() if f["value"]}
    evident = all(fields[name]["evidence"] for name in filled)
    wrong = [name for name, part in talk.expected.items() if part not in filled.get(name, "")]
    detail = f"{len(filled)} of {len(FieldName)} fields, each with evidence" + (
        f"; differs: {', '.join(wrong)}" if wrong else ""
    )
    steps.check(
        "draft ticket", bool(filled) and evident and len(wrong) <= len(talk.expected) // 3, detail, fields=filled
    )
    titles = [suggestion["article"]["title"] for suggestion in call["suggestions"]]
    fits = not talk.suggestion or any(talk.suggestion in title for title in titles)
    steps.check("knowledge suggested", (bool(titles) and fits) or not talk.expected, " · ".join(titles), titles=titles)
    follows = _follows(desk)
    p95 = percentile(follows, 0.95)
    detail = f"final text → draft and articles on the page p95 {p95:.0f} ms"
    steps.check("assistance is live", bool(follows) or not talk.expected, detail, final_to_assist_p95_ms=p95)


def _follows(desk: DeskClient) -> list[float]:
    """For each draft or list of articles how long (ms) after its words were recognised it was on the page."""
    return [
        float(message.at_ms - message.body["final_at_ms"])
        for message in desk.live
        if message.type in {"ticket", "suggestions"} and message.body.get("final_at_ms")
    ]


async def check_recording(steps: Steps, desk: DeskClient, call: dict[str, Any]) -> None:
    """Two channels, both with sound, playable in the page."""
    recording = call["recording"] or {}
    if not steps.check("recording is listed", bool(recording), recording.get("path", ""), **recording):
        return
    response = await desk.read(f"/api/calls/{call['call_id']}/recording")
    samples, rate = soundfile.read(io.BytesIO(response.content), dtype="float32", always_2d=True)
    levels = [float((samples[:, channel] ** 2).mean() ** 0.5) for channel in range(samples.shape[1])]
    ok = samples.shape[1] == 2 and all(level > AUDIBLE_RMS for level in levels)
    seconds = len(samples) / rate
    steps.check("recording plays", ok, f"{seconds:.1f} s, two channels, both audible", levels=levels, seconds=seconds)
    part = await desk.read(f"/api/calls/{call['call_id']}/recording", {"Range": "bytes=1000-1999"})
    steps.check("recording can be sought in", part.status_code == 206 and len(part.content) == 1000, "HTTP Range")


async def check_numbers(steps: Steps, desk: DeskClient) -> None:
    """Today's figures on the desk and in /metrics."""
    numbers = await desk.call("GET", "/api/numbers")
    within = numbers["within_15s"]
    shown = {name: f"{value:.0%}" for name, value in within.items() if value is not None}
    detail = (
        f"15 s rate {shown}, connect rate {numbers['connect_rate']:.0%}" if numbers["answered"] else "nothing counted"
    )
    steps.check("numbers of the day", numbers["answered"] > 0 and len(shown) == 3, detail, numbers=numbers)
    metrics = await desk.read("/metrics")
    steps.check(
        "Prometheus", metrics.is_success and "hotline_" in metrics.text, f"{len(metrics.text.splitlines())} lines"
    )
