"""The findings about a wait as sentences, in Chinese and English."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum

from telephony.acd.explain import Why, WhyKind

Values = dict[str, str | int]


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


_STATES = {
    "talking": ("通话", "talking"),
    "ringing": ("振铃", "ringing"),
    "wrap_up": ("话后", "in wrap-up"),
    "break": ("小休", "on a break"),
    "ready": ("空闲", "free"),
}
_SPENT = {
    "no_agent": ("等坐席空闲", "until an agent was free"),
    "ringing": ("坐席话机振铃", "while an agent's telephone rang"),
    "put_off": ("暂缓（上一次振铃刚被取消）", "put off, as the ringing before had only just been cancelled"),
    "silent": ("所在交换机无应答", "while its switch did not answer"),
    "callback": ("等待回拨", "for the call-back"),
}
_OUTCOMES = {
    "no_answer": ("无人接听，坐席转小休", "nobody answered: the agent is put on a break"),
    "rejected": ("话机拒接，坐席转小休", "the telephone rejected it: the agent is put on a break"),
    "unreachable": ("话机不可达，坐席转小休", "the telephone could not be reached: the agent is put on a break"),
    "cancelled": ("振铃被取消", "the ringing was cancelled"),
}
_STRATEGIES: dict[str, Callable[[Values], tuple[str, str]]] = {
    "longest_idle": lambda v: (f"空闲最久（{_s(v['idle_ms'])} 秒）", f"idle longest ({_s(v['idle_ms'])} s)"),
    "least_occupied": lambda v: (
        f"占用率最低（{v.get('occupied_percent', 0)}%）",
        f"least occupied ({v.get('occupied_percent', 0)} %)",
    ),
    "most_skilled": lambda v: (f"技能最高（{v['level']} 级）", f"most skilled (level {v['level']})"),
}
_AWAY = {
    "closed": ("队列不在服务时间", "the queue is closed"),
    "too_long": ("等待超过上限", "the wait reached its limit"),
}


def sentence(why: Why, language: Language) -> str:
    """One finding, without its time."""
    zh, en = _SENTENCES[why.kind](why.values)
    return zh if language is Language.ZH else en


def line(why: Why, language: Language, utc_offset_ms: int) -> str:
    """A finding with its time of day on the hotline's clock."""
    local = datetime.fromtimestamp((why.at_ms + utc_offset_ms) / 1000, UTC)
    return f"{local:%H:%M:%S}.{local.microsecond // 100_000}  {sentence(why, language)}"


def _s(ms: str | int) -> str:
    return f"{int(ms) / 1000:.1f}"


def _who(values: Values) -> str:
    return f"{values['name']}（{values['agent']}）" if values.get("name") else str(values["agent"])


def _placed(values: Values) -> tuple[str, str]:
    parts: list[tuple[str, str]] = []
    if values["emergency"]:
        parts.append(
            (f"应急线路“{values['line']}”，排在所有来电之前", f"emergency line '{values['line']}': before all others")
        )
    elif values["line"]:
        parts.append((f"专线“{values['line']}”", f"line '{values['line']}'"))
    if values["priority"]:
        parts.append((f"优先级 {values['priority']}", f"priority {values['priority']}"))
    if values["repeat"]:
        parts.append(("一天内再次来电，优先", "called within a day before: goes first"))
    if values["kept_ms"]:
        kept = _s(values["kept_ms"])
        parts.append((f"重拨，保留原位置（早 {kept} 秒）", f"called again: has the old place ({kept} s earlier)"))
    return f"位置依据：{'；'.join(zh for zh, _ in parts)}。", f"Its place: {'; '.join(en for _, en in parts)}."


def _nobody_free(values: Values) -> tuple[str, str]:
    states = [(key, values[key]) for key in _STATES if key in values]
    zh = "、".join(f"{count} 名{_STATES[key][0]}" for key, count in states)
    en = ", ".join(f"{count} {_STATES[key][1]}" for key, count in states)
    ahead = int(values["ahead"])
    waits = (f"，前面还有 {ahead} 位在等" if ahead else "", f"; {ahead} wait before" if ahead else "")
    total = values["total"]
    return (
        f"可接此来电的坐席共 {total} 名，无人可派：{zh}{waits[0]}。",
        f"Of the {total} agents who may take this call none is to be had: {en}{waits[1]}.",
    )


def _rang(values: Values) -> tuple[str, str]:
    zh, en = _STRATEGIES[str(values["strategy"])](values)
    via = ("（溢出）", " (by overflow)") if values["overflow"] else ("", "")
    waited = _s(values["waited_ms"])
    return (
        f"派给坐席 {_who(values)}{via[0]}：{zh}；此时已等待 {waited} 秒。",
        f"Rang at {_who(values)}{via[1]}: {en}; waited {waited} s so far.",
    )


def _offer_ended(values: Values) -> tuple[str, str]:
    reason = str(values["reason"])
    zh, en = _OUTCOMES.get(reason, (reason, reason))
    return (
        f"坐席 {_who(values)} 的话机响了 {_s(values['rang_ms'])} 秒：{zh}。",
        f"The telephone of {_who(values)} rang for {_s(values['rang_ms'])} s: {en}.",
    )


def _spent(values: Values) -> tuple[str, str]:
    parts = [(key, values[key]) for key in _SPENT if key in values]
    zh = "，".join(f"{_SPENT[key][0]} {_s(ms)} 秒" for key, ms in parts)
    en = ", ".join(f"{_s(ms)} s {_SPENT[key][1]}" for key, ms in parts)
    return f"时间用在：{zh}。", f"The time went: {en}."


def _sent_away(values: Values) -> tuple[str, str]:
    zh, en = _AWAY[str(values["because"])]
    return f"告知来电人并结束：{zh}。", f"Told so, and the call ended: {en}."


_SENTENCES: dict[WhyKind, Callable[[Values], tuple[str, str]]] = {
    WhyKind.ENTERED: lambda v: (
        f"进入队列“{v['queue']}”，前面有 {v['before']} 位。",
        f"Entered the queue '{v['queue']}' with {v['before']} before.",
    ),
    WhyKind.PLACED: _placed,
    WhyKind.NOBODY_FREE: _nobody_free,
    WhyKind.NOBODY_SIGNED_IN: lambda v: (
        f"没有能接队列“{v['queue']}”的坐席签入。",
        f"No agent who may take calls of '{v['queue']}' is signed in.",
    ),
    WhyKind.OTHERS_FIRST: lambda v: (
        f"其间 {v['count']} 位排在前面的来电先派给了坐席。",
        f"Meanwhile {v['count']} calls that were before it went to agents.",
    ),
    WhyKind.OTHERS_PASSED: lambda v: (
        f"其间 {v['count']} 位后到的来电派给了不能接此来电的坐席。",
        f"Meanwhile {v['count']} later calls went to agents who may not take this one.",
    ),
    WhyKind.LANGUAGE: lambda v: (
        f"来电人可能说外语，转入队列“{v['queue']}”，位置不变。",
        f"The caller seems to speak another language: moved to the queue '{v['queue']}', in the same place.",
    ),
    WhyKind.OVERFLOW: lambda v: (
        f"已等待 {_s(v['waited_ms'])} 秒，{v['to']} 的坐席也可接听。",
        f"After {_s(v['waited_ms'])} s agents of {v['to']} may take it as well.",
    ),
    WhyKind.RANG: _rang,
    WhyKind.OFFER_ENDED: _offer_ended,
    WhyKind.SILENT: lambda _: (
        "所在交换机没有应答，暂不派给坐席。",
        "Its switch does not answer: not offered until it does.",
    ),
    WhyKind.ANSWERS_AGAIN: lambda v: (
        f"交换机恢复应答（中断 {_s(v['silent_ms'])} 秒）。",
        f"Its switch answers again, after {_s(v['silent_ms'])} s.",
    ),
    WhyKind.MOVED_UP: lambda v: (
        f"同一号码的另一通来电结束，接过它的位置（前移 {_s(v['by_ms'])} 秒）。",
        f"Took the place of another call from the same number ({_s(v['by_ms'])} s earlier).",
    ),
    WhyKind.WANTS_CALLBACK: lambda _: (
        "来电人选择回拨，保留位置。",
        "The caller wants to be called back, and keeps the place.",
    ),
    WhyKind.HUNG_UP: lambda v: (
        "来电人已挂机，等待回拨" + ("，到允许回拨的时段再拨。" if v["until_ms"] else "。"),
        "The caller hung up and is to be called" + (" when the hours allow it." if v["until_ms"] else "."),
    ),
    WhyKind.NOT_REACHED: lambda v: (
        f"第 {v['tries']} 次回拨未接通，稍后再拨。",
        f"Call-back {v['tries']} did not reach them; it is tried again later.",
    ),
    WhyKind.SENT_AWAY: _sent_away,
    WhyKind.CONNECTED: lambda v: (
        f"坐席 {_who(v)} 接通，共等待 {_s(v['waited_ms'])} 秒。",
        f"Connected with {_who(v)} after {_s(v['waited_ms'])} s.",
    ),
    WhyKind.LEFT: lambda v: (
        f"离开队列（{v['reason']}），共等待 {_s(v['waited_ms'])} 秒。",
        f"Left the queue ({v['reason']}) after {_s(v['waited_ms'])} s.",
    ),
    WhyKind.SPENT: _spent,
}
