"""Parts of an address that no gazetteer lists: house numbers, and names recognised by their endings."""

import re

import msgspec

from agent_assist.gazetteer import PlaceKind
from agent_assist.transcript import Transcript
from domain.speech import UtteranceFinal

_NUMBER = "[0-9零〇一二两三四五六七八九十百]"
_ROOM = rf"(?:{_NUMBER}{{1,4}}\s?(?:室|号|楼|层)|{_NUMBER}{{3,4}}(?!{_NUMBER}))"
_BUILDING = re.compile(
    rf"(?<![第月年]){_NUMBER}{{1,4}}\s?(?:号楼|栋|幢|座|弄|号院)(?:\s?{_NUMBER}{{1,3}}\s?单元)?(?:\s?{_ROOM})?"
    rf"|{_NUMBER}{{1,3}}\s?单元(?:\s?{_ROOM})?"
    rf"|(?<=[路街巷道]){_NUMBER}{{1,4}}\s?号(?!线)"
)
_ENDINGS = (
    (PlaceKind.ESTATE, re.compile(r"[一-鿿]{2,6}?(?:小区|花园|家园|新村|公寓|大厦|佳苑|雅苑)")),
    (
        PlaceKind.ROAD,
        re.compile(r"[一-鿿]{2,4}?(?:大道|路|街)(?=口|上|段|边|和|与|的|那|这|[0-9一二三四五六七八九十]|$|[，。,])"),
    ),
    (PlaceKind.LANDMARK, re.compile(r"[一-鿿]{2,6}?(?:小学|中学|幼儿园|菜市场|农贸市场|工业园|公园)")),
)
_BEFORE_A_NAME = re.compile(
    r".*(?:我们|你们|他们|咱们|我家|这个|那个|那边|这边|一个|整个|就是|住在|位于|地址|旁边|附近|对面|隔壁|边上|[我你他她在是的了叫到从去来说有住就和跟与把被给让往离呢啊呃嗯那这])"
)
_NO_NAMES = frozenset({
    "马路", "公路", "铁路", "道路", "走路", "修路", "线路", "电路", "网路", "一路", "半路", "小路", "大路", "大马路",
    "高速公路", "上街", "逛街", "条路", "条街", "什么路", "哪条路", "什么小区", "哪个小区", "老旧小区", "住宅小区",
    "所住小区", "居民小区", "其他小区",
})  # fmt: skip
_VALUES = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


class Fragment(msgspec.Struct, frozen=True):
    """text: how the part is written in an address; said.text[start:end]: the words it comes from."""

    said: UtteranceFinal
    start: int
    end: int
    text: str
    kind: PlaceKind
    rule: str


def building_numbers(transcript: Transcript) -> Fragment | None:
    """The fullest house number, the later of two equally full ones."""
    best: Fragment | None = None
    for said in transcript.in_time:
        for match in _BUILDING.finditer(said.text):
            text = re.sub(rf"{_NUMBER}+", lambda number: arabic(number[0]), match[0].replace(" ", ""))
            if best is None or match.end() - match.start() >= best.end - best.start:
                best = Fragment(said, match.start(), match.end(), text, PlaceKind.ESTATE, "address.building")
    return best


def unlisted_names(said: UtteranceFinal, known: list[tuple[int, int]]) -> list[Fragment]:
    """Names by their endings, outside of the `known` character ranges."""
    found = []
    for kind, ending in _ENDINGS:
        for match in ending.finditer(said.text):
            start = max([match.start(), *(end for begin, end in known if begin < match.end() and end <= match.end())])
            lead = _BEFORE_A_NAME.match(said.text[start : match.end() - 1])
            start += lead.end() if lead else 0
            name = said.text[start : match.end()]
            overlaps = any(begin < match.end() and end > start for begin, end in known)
            if len(name) >= 3 and name not in _NO_NAMES and not overlaps and not name.startswith(("小区", "路", "街")):
                found.append(Fragment(said, start, match.end(), name, kind, "address.ending"))
    return found


def arabic(number: str) -> str:
    """A small spoken number in digits: 十二 → 12, 三百零一 → 301, 三零一 → 301, 12 → 12."""
    if not any(unit in number for unit in "十百"):
        return "".join(str(_VALUES.get(char, char)) for char in number)
    total, digit = 0, 0
    for char in number:
        if char == "百":
            total, digit = total + (digit or 1) * 100, 0
        elif char == "十":
            total, digit = total + (digit or 1) * 10, 0
        else:
            digit = int(char) if char.isdigit() else _VALUES.get(char, 0)
    return str(total + digit)
