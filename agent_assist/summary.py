"""The paragraph of the ticket, in the third person, composed of the caller's own clauses."""

import re

import msgspec

from agent_assist.clause import Clause, Purpose, clauses
from agent_assist.lexicon import Hit, Lexicon
from agent_assist.location import Location
from agent_assist.phonetic import voiced
from agent_assist.transcript import Transcript, quote
from domain.speech import UtteranceFinal
from domain.ticket import AppealType, DraftField, FieldName

_MOST_CHARS = 260
_LEAST_LIKENESS = 0.7
_MOST_WISHES = 3
_OPENING = {
    AppealType.CONSULT: "来电人咨询：",
    AppealType.HELP: "来电人求助，反映：",
    AppealType.COMPLAINT: "来电人投诉，反映：",
    AppealType.REPORT: "来电人举报：",
    AppealType.SUGGESTION: "来电人建议：",
    AppealType.PRAISE: "来电人来电表扬：",
}
_THIRD_PERSON = (
    (re.compile(r"^(?:我)?(?:想|要)?(?:来|给你们|跟你们|向你们)?(?:投诉|反映|举报|反应)(?:一下|的是|一个问题)?"), ""),
    (re.compile(r"^(?:我)?(?:就是)?(?:想|要)?(?:请问|咨询|问|打听|了解)(?:一下|下)?"), ""),
    (re.compile(r"^(?:我)?(?:就)?(?:是)?(?:希望|要求|请求|恳请)"), ""),
    (re.compile(r"^(?:所以|那|请|麻烦)+(?=你们|您|能不能|能否|尽快|赶紧)"), ""),
    (re.compile(r"(?:你们|您们)(?:这边|那边|政府|部门)?"), "相关部门"),
    (re.compile(r"麻烦[你您]|请[你您]|[你您](?=帮|给|能|看|说|查|派)"), ""),
    (re.compile(r"^(?:我|我们)(?:是)?(?=住在|住|这边|这里|这儿)"), ""),
    (re.compile(r"^(?:我|我们)是"), "系"),
    (
        re.compile(
            r"(?:我们|咱们|咱|俺们|俺)(?=小区|这个小区|这边|这里|这儿|这个?楼|单元|村|楼上|楼下|旁边|附近|门口)"
        ),
        "",
    ),
    (re.compile(r"(?:我们|咱们)(?=[一-鿿]{2,8}?(?:小区|花园|家园|公寓|新村|大厦))"), ""),
    (re.compile(r"(?:[我卧][们门]|咱们|咱|俺们|俺)"), "其"),
    (re.compile(r"(?<![自忘])我(?!国|市)"), "其"),
    (re.compile(r"其其"), "其"),
)


_AROUND_A_PLACE = re.compile(
    r"[我们住在就是的这那个里边儿上位于地址小区啊呢它]|家里|旁边|对面|附近|路口|[东南西北正]门"
)


class _Chosen(msgspec.Struct, frozen=True):
    said: UtteranceFinal
    clause: Clause
    words: str
    worth: float


def summarise(
    transcript: Transcript, lexicons: tuple[Lexicon, ...], appeal: DraftField | None, location: Location | None
) -> DraftField | None:
    """The caller's facts, then the wishes; None while the caller has said neither.

    lexicons: words that tell; what only sounds like one of them is written as it is meant.
    """
    facts, wishes = _worthwhile(transcript, lexicons, location)
    if not facts and not wishes:
        return None
    kind = AppealType(appeal.value) if appeal else None
    text = _OPENING[kind] if kind else "来电人反映："
    if location is not None and facts and kind not in (AppealType.CONSULT, AppealType.PRAISE):
        text += f"位于{''.join(location.parts)}，"
    text += "，".join(one.words for one in facts)
    if wishes and kind in (AppealType.CONSULT, AppealType.SUGGESTION):
        text += ("，" if facts else "") + "，".join(one.words for one in wishes)
    elif wishes:
        text += ("。" if facts else "") + "希望" + "，".join(_as_hope(one.words) for one in wishes)
    evidence = tuple(quote(one.said, one.clause.start, one.clause.end, "summary.clause") for one in facts + wishes)
    confidence = min(0.9, 0.35 + 0.1 * len(facts) + 0.1 * len(wishes))
    return DraftField(name=FieldName.SUMMARY, value=text + "。", confidence=round(confidence, 2), evidence=evidence)


def third_person(words: str) -> str:
    """我们小区 → 其小区, 你们能不能 → 相关部门能不能, and without 我要投诉, 我想问一下, 希望."""
    for pattern, replacement in _THIRD_PERSON:
        words = pattern.sub(replacement, words)
    return words


def _as_meant(words: str, text: str, hits: list[Hit]) -> str:
    """The words with what was misheard put right: 锦休花园小区 → 锦绣花园小区."""
    for hit in hits:
        if _LEAST_LIKENESS <= hit.likeness < 1.0:
            words = words.replace(text[hit.start : hit.end], hit.phrase)
    return words


def _only_place(bare: str, places: set[str]) -> bool:
    for place in sorted(places, key=len, reverse=True):
        bare = bare.replace(place, "")
    return len(_AROUND_A_PLACE.sub("", bare)) <= 1


def _as_hope(words: str) -> str:
    return re.sub(r"能不能|能否|可不可以|是不是可以", "能", words).removesuffix("吗").removesuffix("吧")


def _worthwhile(
    transcript: Transcript, lexicons: tuple[Lexicon, ...], location: Location | None
) -> tuple[list[_Chosen], list[_Chosen]]:
    """Facts and wishes in the order of speaking; where they are too long, those that tell least are left out.

    A clause that only names the place is left out too, since the paragraph begins with the place.
    """
    places = {evidence.quote for evidence in location.evidence} if location else set()
    chosen: list[_Chosen] = []
    heard: set[str] = set()
    for said in transcript.by_caller:
        telling = [hit for lexicon in lexicons for hit in lexicon.find(said.text)]
        for clause in clauses(said.text):
            inside = [hit for hit in telling if hit.start >= clause.start and hit.end <= clause.end]
            words = third_person(_as_meant(clause.words, said.text, inside))
            bare, _ = voiced(words)
            if (
                clause.purpose not in (Purpose.FACT, Purpose.WISH)
                or len(bare) < 3
                or bare in heard
                or _only_place(bare, places)
            ):
                continue
            heard.add(bare)
            worth = 2.0 * sum(hit.likeness for hit in inside) + min(len(bare), 20) / 10
            chosen.append(_Chosen(said, clause, words, worth))
    wishes = [one for one in chosen if one.clause.purpose is Purpose.WISH]
    kept_wishes = sorted(wishes, key=lambda one: -one.worth)[:_MOST_WISHES]
    room = _MOST_CHARS - sum(len(one.words) for one in kept_wishes)
    kept: list[_Chosen] = []
    for one in sorted((one for one in chosen if one.clause.purpose is Purpose.FACT), key=lambda one: -one.worth):
        if len(one.words) < room:
            kept.append(one)
            room -= len(one.words) + 1
    facts = [one for one in chosen if one in kept]
    return facts, [one for one in wishes if one in kept_wishes]
