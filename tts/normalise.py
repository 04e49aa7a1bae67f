"""Chinese text made speakable: digits, dates, amounts and letters become the characters that a clerk would say.

A pass of rules for what a hotline says digit by digit (ticket, phone, room and staff numbers; 1 is 幺 as on the
telephone), then wetext's grammar for quantities, dates and amounts, then letters by name.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Protocol

_FULL_WIDTH = str.maketrans("０１２３４５６７８９：－", "0123456789:-")
_DIGIT_NAMES = "零幺二三四五六七八九"
_LETTER_NAMES: dict[str, str] = {
    "A": "诶", "B": "必", "C": "西", "D": "帝", "E": "伊", "F": "艾弗", "G": "记", "H": "艾尺",
    "I": "艾", "J": "杰", "K": "开", "L": "艾勒", "M": "艾姆", "N": "恩", "O": "欧", "P": "屁",
    "Q": "丘", "R": "啊", "S": "艾斯", "T": "提", "U": "优", "V": "微", "W": "达不溜", "X": "艾克斯",
    "Y": "歪", "Z": "贼德",
}  # fmt: skip
_NUMBER_CONTEXT = "工单编号|编号|单号|受理号|验证码|工号|证件号|身份证号|账号|户号|尾号|密码|坐席|窗口号|流水号"
_SERVICE_NUMBERS = r"12345|123\d{2}|1008[46]|110|119|120|122|96\d{3,4}|95\d{3}"


def spell_digits(digits: str) -> str:
    """Each digit by its telephone name, whatever else there is dropped: 400-8 → 四零零八."""
    return "".join(_DIGIT_NAMES[int(character)] for character in digits if character.isdigit())


def spell_letters(text: str) -> str:
    """Latin letters by the Chinese syllables that name them: GD → 记帝."""
    return "".join(_LETTER_NAMES.get(character.upper(), character) for character in text)


def _spell_all(match: re.Match[str]) -> str:
    return spell_digits(match.group())


def _spell_second(match: re.Match[str]) -> str:
    return match.group(1) + spell_digits(match.group(2))


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    # GD20240501000123, A-12345: letters stay, digits one by one
    (re.compile(r"(?<![A-Za-z0-9])([A-Z]{1,4})-?(\d{5,})(?!\d)"), _spell_second),
    # 工号1024, 编号：20240618
    (re.compile(rf"((?:{_NUMBER_CONTEXT})(?:是|为|：|:)?\s*)(\d{{3,}})"), _spell_second),
    # 1024号坐席, 1024号话务员
    (re.compile(r"(?<!\d)\d{3,5}(?=号(?:坐席|话务员|工作人员|客服|窗口))"), _spell_all),
    # 400-800-1234, 010-96116, 0755-12345678
    (re.compile(r"(?<!\d)(?:400|800|0\d{2,3})(?:-\d{3,8}){1,2}(?!\d)"), _spell_all),
    # mobile numbers, and every long run that is no amount
    (re.compile(r"(?<![\d.,])\d{7,}(?![\d.,]*[元米人次吨亩%])"), _spell_all),
    # 拨打12315, 热线12345
    (re.compile(r"((?:拨打|致电|电话|热线|请拨)(?:是|为|：)?)(\d{3,6})(?!\d)"), _spell_second),
    # 12345热线, 119，
    (re.compile(rf"(?<!\d)(?:{_SERVICE_NUMBERS})(?=热线|平台|电话|报警|急救|政务|便民|，|。|、|$)"), _spell_all),
    # 501室
    (re.compile(r"(?<!\d)\d{3,4}(?=室|房|号房)"), _spell_all),
    # 2单元 is 二单元, not 两单元
    (re.compile(r"(?<!\d)2(?=单元|号楼|栋|层|号|楼|幢)"), lambda _: "二"),
)


def spell_numbers(text: str) -> str:
    """The first pass: only what is said digit by digit."""
    text = text.translate(_FULL_WIDTH)
    for pattern, spoken in _RULES:
        text = pattern.sub(spoken, text)
    return text


class _Grammar(Protocol):
    def normalize(self, text: str) -> str: ...


@cache
def _grammar() -> _Grammar:
    from wetext import Normalizer

    grammar: _Grammar = Normalizer(lang="zh", operator="tn", remove_erhua=False)
    return grammar


def speakable(text: str) -> str:
    """The text as it is said, with neither digits nor Latin letters left; loads wetext's grammar at first use."""
    spelled = spell_numbers(text)
    if re.search(r"[0-9A-Za-z%℃]", spelled):
        spelled = _grammar().normalize(spelled)
    return spell_letters(spelled)
