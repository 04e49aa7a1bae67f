"""Where a spoken number is written in digits: a table of patterns, the first that fits at a place is taken. Pure.

Only numerals change: every other word stays as it was said (号 and not 日, 块 and not 元), but for 点 in a decimal and
百分之. What is said approximately (三四个, 十几) is no number here, and a number that nothing marks as one stays.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from asr.changed_text import Change
from asr.numerals import in_digits, in_digits_each, value_of

NUMERALS = "零〇一二两三四五六七八九十百千万亿幺"
_VALUE = "[零〇一二两三四五六七八九十百千万亿]+"
_DIGIT = "[零〇一二三四五六七八九幺]"
_FEW = "[一二两三四五六七八九]"
_END = rf"(?![{NUMERALS}0-9几])"
_EACH = "(?=一(?:个|张|斤|吨|度|次|年|月|天|平|支|只|袋|瓶|套|位|份|趟|户|人|晚|间|瓶|桶|学期|小时))"
"""Behind a price: 三百一个月 is 300 a month."""
_SMALL = (
    r"(?:个?小时|分钟|秒钟|平方公里|公里|平方米|平方|平米|立方米|立方|[厘毫分千]米|公斤|千克|毫升|公分|公顷|分贝|千瓦|吨|兆|岁|块钱"
    rf"|[美日欧]元|元(?![里桥村旦宝素镇山阳店])|月份|米(?![饭粉线兰面其]){_END})(?!几)"
)
"""Measures before which even a single digit is customary (counted in messages of citizens)."""
_MEASURE = (
    rf"(?:{_SMALL}|(?:块|毛|角(?!落)|斤|度(?![假过日])|倍)(?:{_END}|{_EACH})|(?:个|年|天(?![然气下桥津河府才生])|日(?![常本前报])"
    r"|周(?![边围末转密])|秒|层|楼|栋|幢|座(?![谈位])|单元|门(?![口前])|室(?![内外])|户(?!口)|号|人(?![民工生行社])|名(?![字称声])"
    r"|位(?!于)|口人|家(?![庭园具])|次|遍|趟|回(?![来去家复答应])|件|条|项(?!目)|种(?![植子地])|处(?![理罚于])|起(?![来床诉码火])"
    r"|例(?![如外])|笔|辆|台(?![风湾州阶])|部(?![门分])|棵|株|根|盏|支|只(?![是有能要好])|袋|瓶|箱|桶|套|间(?!隔)|张(?!江)|页|份"
    r"|本(?![来地人市区])|头|包(?![括装容裹])|批|组(?![织成长])|队|场(?![所地])|顿|所(?![以有在谓])|桌|床|排(?![水放污查])"
    r"|站(?!台)|克|升|亩|寸|伏|瓦|折(?![叠腾扣])|级(?!别)|码|班(?![长级])|平(?![均时安常台静房果])|年代|工作日|美元)(?!几))"
)
_DAYTIME = re.compile(
    r"(?:上午|下午|早上|早晨|中午|晚上|夜里|凌晨|傍晚|半夜|清晨|夜间|午夜|深夜|[今明昨后前]天|今晚|昨晚|明早|当天|每天|天天|那天|周末"
    r"|星期.|礼拜.|周[一二三四五六日天]|[号日]|到|至|从|过了|大概|[点半钟分]到|[点半钟分]至)的?(?:大概|大约|差不多|快)?$"
)
_HOUR_FOLLOWS = re.compile(
    r"左右|[之以]?[前后]|多钟|开[门工始]|关门|[上下][班学课]|放学|才|还在|就|到|至|起床|睡|停[电水]|施工|打电话"
)
_OPEN_RANGE = re.compile(rf"[{NUMERALS}][到至]$")
"""三到五点, of which 三 stayed in words."""
_IN_ADDRESS = re.compile(
    rf"(?:[0-9A-Za-z{NUMERALS}](?:号楼|号院|号|栋|幢|单元|层|楼|座)|小区|花园|家园|公寓|大厦|新村|地下|负)$"
)
_IN_STREET = re.compile(r"[路街巷弄道村组里院]$")
_BEFORE_DAY = re.compile(r"(?:[月年]|这个月|[上下]个?月|本月)$")
_DAY_FOLLOWS = re.compile(r"(?:上午|下午|早上|晚上|中午|凌晨|当天|那天|开始|之前|以前|以后|之后|左右)")
_BEFORE_MONTH = re.compile(r"(?:[年从到在于至是]|[今去明前后]年|年底|大概)的?$")
_MONTH_FOLLOWS = re.compile(r"[初底中末]|[上下]旬|份|到|至")
_KNOWN_CODES = frozenset(("一一九", "一二二", "三一五", "一一四", "九九六"))
_NOT_SINGLE = frozenset("初高大小老张李王赵阿陈刘")
_NOT_ONE = frozenset("统唯万其之同逐专单合每某任归如划")
"""A single numeral, and 一, behind them belongs to their word: 高三, 张三; 统一."""
_REST = re.compile(f"[{NUMERALS}0-9]点")
"""What stands behind is the rest of a decimal or an hour that was not understood."""
_SHORT_ONE = ("百一", "千一", "万一")
_AFTER_SHORT = frozenset(("", *"块元，。！？、；"))
"""Behind 八百一, which is 810: but 八百一个月 is 800 a month."""
_APPROXIMATE = frozenset("几数")
_FEW_YEARS = re.compile("一二|二三|三四|四五|五六|六七|七八|八九|三五|一两|两三")


Found = tuple[int, tuple[Change, ...]]
"""Where what was read ends, and what of it changes."""


@dataclass(frozen=True)
class Rule:
    """pattern: groups v… hold numbers by their value, s… digits one by one. fits: whether it may be taken, given the
    match and the text before it. write: what changes, where that is not just the groups; nothing: all of it stays."""

    pattern: re.Pattern[str]
    fits: Callable[[re.Match[str], str], bool]
    write: Callable[[re.Match[str]], tuple[Change, ...]] | None = None

    def found(self, text: str, place: int) -> Found | None:
        """What it makes of the numeral at `place`."""
        match = self.pattern.match(text, place)
        if match is None or not self.fits(match, text[max(0, place - 12) : place]):
            return None
        changes = (self.write or _groups)(match)
        return (match.end(), changes) if all(one.written for one in changes) else None


def number_at(text: str, place: int) -> Found | None:
    """The number that begins at `place` and is to be written in digits; None when it stays."""
    before = text[place - 1] if place else ""
    run = re.compile(f"[{NUMERALS}]+").match(text, place)
    if run is None or before in _APPROXIMATE or _REST.search(text[max(0, place - 2) : place]):
        return None
    belongs = before in _NOT_SINGLE and len(run[0]) == 1 and not text.startswith("米", run.end())
    if belongs or (before in _NOT_ONE and run[0] == "一"):
        return None
    rules = _ORDINALS if before == "第" else _RULES
    if run[0].endswith(_SHORT_ONE) and text[run.end() : run.end() + 1] not in _AFTER_SHORT:
        rules = _PRICES
    return next((found for rule in rules if (found := rule.found(text, place))), None)


def _groups(match: re.Match[str]) -> tuple[Change, ...]:
    changes = []
    for name, spoken in match.groupdict().items():
        if spoken is not None and name[0] in "vs":
            written = in_digits(spoken) if name[0] == "v" else in_digits_each(spoken)
            changes.append(Change(match.start(name), match.end(name), written))
    return tuple(sorted(changes, key=lambda change: change.start))


def _percent(match: re.Match[str]) -> tuple[Change, ...]:
    whole = "100" if match["whole"] == "百" else in_digits(match["whole"])
    part = f".{in_digits_each(match['part'])}" if match["part"] else ""
    sign = "%" if match["of"] == "百" else "‰"
    return (Change(match.start(), match.end(), whole and whole + part + sign),)


def _decimal(match: re.Match[str]) -> tuple[Change, ...]:
    whole, part = in_digits(match["whole"]), in_digits_each(match["part"])
    scale = match["scale"] or ""
    return (Change(match.start(), match.end("part") + len(scale), whole and f"{whole}.{part}{scale}"),)


def _is_decimal(match: re.Match[str], before: str) -> bool:
    """Not an hour and its minutes, nor 两点一线; 零点三点 are two hours."""
    if match.string.startswith("点", match.end()):
        return False
    sure = match["measure"] is not None or match["scale"] or match["whole"] == "零"
    return bool(sure) or len(match["whole"]) > 2


def _nothing(match: re.Match[str]) -> tuple[Change, ...]:
    return ()


def _is_time(match: re.Match[str], before: str) -> bool:
    hour, minute = value_of(match["v1"]), match["v2"]
    if hour is None or hour > 24:
        return False
    if minute is not None:
        return 10 <= (value_of(minute) or 0) <= 59
    if match["s2"]:
        return in_digits_each(match["s2"])[0] == "0" and (
            match["minutes"] == "分" or _DAYTIME.search(before) is not None
        )
    if match["part"]:
        return match["v1"] != "一" or match["part"] != "整"
    if _DAYTIME.search(before):
        return not _OPEN_RANGE.search(before)
    after = match.string[match.end() :]
    follows = _HOUR_FOLLOWS.match(after) is not None
    return follows and hour >= 2


def _at_least(least: int) -> Callable[[re.Match[str], str], bool]:
    return lambda match, before: (value_of(match["v1"]) or 0) >= least


def _is_month(match: re.Match[str], before: str) -> bool:
    month = value_of(match["v1"]) or 0
    if not 1 <= month <= 12:
        return False
    if match["v2"] or match["s1"]:
        return match["s1"] is not None or 1 <= (value_of(match["v2"]) or 0) <= 31
    follows = _MONTH_FOLLOWS.match(match.string, match.end()) is not None
    return month > 10 or follows or _BEFORE_MONTH.search(before) is not None


def _is_count(match: re.Match[str], before: str) -> bool:
    """上十个 is about ten."""
    about = match["v1"] == "十" and before.endswith("上") and not before.endswith(("早上", "晚上"))
    return (value_of(match["v1"]) or 0) >= 10 and not about


def _is_price(match: re.Match[str], before: str) -> bool:
    """Behind it 一 begins what it is the price of: 一 is not the end of a number by itself, as in 九百五十一."""
    whole = match["v1"] + "一"
    ends = value_of(whole) is not None and not whole.endswith(_SHORT_ONE)
    return (value_of(match["v1"]) or 0) >= 100 and not ends


def _is_short_year(match: re.Match[str], before: str) -> bool:
    return not _FEW_YEARS.fullmatch(match["s1"])


def _is_number_of_house(match: re.Match[str], before: str) -> bool:
    number, after = match["v1"], match.string[match.end() :]
    if before.endswith(("舟", "宫", "娥", "问")):
        return False
    if (value_of(number) or 0) >= 10:
        return True
    return bool(_IN_STREET.search(before) or _BEFORE_DAY.search(before) or _DAY_FOLLOWS.match(after))


def _is_building(match: re.Match[str], before: str) -> bool:
    """栋 and 幢 also count buildings."""
    few = (value_of(match["v1"]) or 0) < 10
    counted = re.search("[这那每哪有共同了另某]$", before) or re.match(
        "[楼房别高小住商大]", match.string[match.end() :]
    )
    return not (few and (counted or match["v1"] == "一"))


def _is_in_address(match: re.Match[str], before: str) -> bool:
    return _IN_ADDRESS.search(before) is not None


def _is_range(match: re.Match[str], before: str) -> bool:
    first, second = value_of(match["v1"]), value_of(match["v2"])
    if first is None or second is None or first >= second:
        return False
    if match["measure"] == "点":
        return second <= 24 and _DAYTIME.search(before) is not None
    return second >= 10 or re.match(_SMALL, match["measure"]) is not None


def _is_code(match: re.Match[str], before: str) -> bool:
    """Digits one by one that are no list of numbers (一二三, 三四五六)."""
    spoken, digits = match["s1"], in_digits_each(match["s1"])
    counts_up = all(int(later) == int(earlier) + 1 for earlier, later in pairwise(digits))
    if len(spoken) >= 5:
        return True
    if counts_up or len(set(digits)) == 1:
        return False
    return len(spoken) == 4 or any(char in spoken for char in "零〇幺") or spoken in _KNOWN_CODES


def _is_compound(match: re.Match[str], before: str) -> bool:
    """A number of two digits and more that cannot be anything else."""
    digits = sum(char in "一二两三四五六七八九" for char in match["v1"])
    return (value_of(match["v1"]) or 0) > 100 and digits >= 2


def _always(match: re.Match[str], before: str) -> bool:
    return True


def _rule(pattern: str, fits: Callable[[re.Match[str], str], bool] = _always) -> Rule:
    return Rule(re.compile(pattern), fits)


_V1, _S = rf"(?P<v1>{_VALUE})", _DIGIT
_PRICES = (_rule(rf"(?P<v1>{_VALUE}?){_EACH}", _is_price),)
_RULES = (
    Rule(
        re.compile(rf"(?P<of>[百千])分之(?P<whole>百(?![{NUMERALS}])|{_VALUE})(?:点(?P<part>{_S}+))?{_END}"),
        _always,
        _percent,
    ),
    _rule(rf"(?P<s1>[一二]{_S}{{3}})年"),
    _rule(rf"(?P<s1>[零〇一二三四五六七八九]{_S})年(?![级])", _is_short_year),
    _rule(rf"{_V1}年(?!级)", _at_least(10)),
    _rule(rf"{_V1}月(?:(?:(?P<v2>[一二三四五六七八九十]+)|(?P<s1>[零〇]{_FEW}))(?=[号日]))?{_END}", _is_month),
    _rule(
        rf"{_V1}点(?:(?P<part>半|钟|整|[一三]刻)|(?P<s2>[零〇]{_S})(?P<minutes>分?)|(?P<v2>[一二三四五]?十[一二三四五六七八九]?)分?)?{_END}"
        rf"(?![零〇一二三四五六七八九])(?![万亿])",
        _is_time,
    ),
    Rule(
        re.compile(
            rf"(?P<whole>{_VALUE})点(?P<part>{_S}+)(?P<scale>[万亿])?(?:(?=千[米瓦克])|{_END}|(?<=[万亿]){_EACH})(?P<measure>(?=多|余|个百分点|千[米瓦克]|{_MEASURE}))?"
        ),
        _is_decimal,
        _decimal,
    ),
    *_PRICES,
    _rule(rf"{_V1}块(?P<v2>{_FEW})毛(?:(?P<v3>{_FEW})(?:{_END}|{_EACH})|{_END}|{_EACH})"),
    _rule(rf"(?P<v1>{_FEW})毛(?P<v2>{_FEW})(?:{_END}|{_EACH})"),
    _rule(rf"{_V1}块(?P<v2>{_FEW})(?:钱?{_END}(?![一-鿿])|钱?{_EACH})"),
    _rule(rf"{_V1}米(?P<s1>[二三四五六七八九一][零一二三四五六七八九]?){_END}"),
    _rule(rf"{_V1}度(?P<v2>{_FEW}){_END}", _at_least(10)),
    _rule(rf"{_V1}度{_END}", lambda match, before: before.endswith("零下")),
    Rule(re.compile(rf"{_FEW}[到至]{_VALUE}[百千万亿]"), _always, _nothing),  # 三到五百: has 三 the 百 too?
    _rule(rf"{_V1}[到至](?P<v2>{_VALUE})(?P<measure>{_MEASURE}|点)", _is_range),
    _rule(rf"{_V1}[到至](?P<v2>{_VALUE}[万亿]){_END}", _at_least(10)),
    _rule(rf"{_V1}(?:号楼|号院|号线|号门|号口|号窗口|号库|单元)|(?P<s1>{_S}{{2,4}})(?:号楼|单元)"),
    _rule(rf"{_V1}[栋幢](?![{NUMERALS}]+[栋幢])", _is_building),
    _rule(rf"{_V1}(?:楼|层|室|户|门|号){_END}", _is_in_address),
    _rule(rf"(?P<s1>{_S}{{3,4}}|[零〇]{_S})(?:室|号|房|路公交|路车)"),
    _rule(rf"{_V1}号(?!称|召|角|码){_END}", _is_number_of_house),
    _rule(rf"(?P<s1>{_S}{{3,}}){_END}", _is_code),
    _rule(rf"(?P<v1>{_FEW}[百千万])(?={_MEASURE}|左右|以[上下内]|多(?!少)|出头|每)"),
    _rule(rf"{_V1}[多余][万亿]{_END}", _at_least(10)),
    _rule(r"(?P<s1>[五六七八九零]零|[八九]五)后(?![来面边天])"),
    _rule(rf"{_V1}时(?P<v2>{_VALUE})分{_END}"),
    _rule(rf"(?P<v1>[二两三四五六七八九]){_SMALL}"),
    _rule(rf"{_V1}[多余]?{_MEASURE}", _is_count),
    _rule(rf"{_V1}(?:路公交|路车|路公共汽车)", _at_least(10)),
    _rule(rf"{_V1}{_END}", _is_compound),
    _rule(rf"(?P<v1>{_VALUE}[万亿])[多余]?{_END}"),
)
_ORDINALS = (_rule(rf"{_V1}(?:次|天|位|个|名|遍|批|页|期|层|排|号|家|趟){_END}", _at_least(10)),)
