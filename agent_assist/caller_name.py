"""Who is calling: surnames by 姓, 叫, 先生 and the like, and answers to 您贵姓."""

import re

import msgspec

from agent_assist.phonetic import syllable
from agent_assist.transcript import Transcript, quote
from domain.evidence import Evidence
from domain.side import Side
from domain.speech import UtteranceFinal
from domain.ticket import DraftField, FieldName

_TWO_CHARACTERS = ("欧阳", "上官", "诸葛", "司马", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "司徒", "夏侯")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐"
    "易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管"
    "柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞"
)
_SPELLED = {
    "弓长": "张", "立早": "章", "耳东": "陈", "木子": "李", "双木": "林", "口天": "吴", "古月": "胡", "双人": "徐",
    "言午": "许", "草头": "黄", "人可": "何", "三横": "王", "文刀": "刘", "走肖": "赵", "木易": "杨", "关耳": "郑",
    "水工": "江", "子系": "孙", "谷禾": "程", "二马": "冯",
}  # fmt: skip
_SURNAME = rf"(?:{'|'.join(_TWO_CHARACTERS)}|[{_SURNAMES}])"
_TITLE = r"(?:先生|女士|小姐|同志|师傅|老师|大姐|大哥|阿姨|大爷|大妈|叔叔)"
_SAYS_SURNAME = re.compile(rf"(?:免贵|我|本人|敝|小)?(?:就)?姓(?:的是)?\s*({_SURNAME})(?![名氏])")
_SPELLS = re.compile(rf"({'|'.join(_SPELLED)})的?({_SURNAME})")
_SAYS_NAME = re.compile(
    rf"(?:我叫|我的名字(?:是|叫)|名字叫|叫我)\s*({_SURNAME}[一-鿿]{{0,2}})"
    rf"|我是\s*({_SURNAME}[一-鿿]{{1,2}})(?=[，。,.！!\s啊呢吧]|$)"
)
_WITH_TITLE = re.compile(rf"(?<![老小])({_SURNAME})({_TITLE})")
_ASKS = re.compile(r"贵姓|怎么称呼|如何称呼|姓什么|(?:您的|你的)(?:姓名|名字)|称呼您|免贵姓什么|叫什么名字")
_ANSWER = re.compile(
    rf"[\s，。嗯呃啊哦,.]*(?:我|免贵|姓|叫|是)*\s*({_SURNAME}[一-鿿]{{0,2}}?)({_TITLE})?(?=[，。,.！!\s啊呢吧的]|$)"
)
_SOUNDS_LIKE_XING = re.compile(r"(?:免贵|我|本人)([一-鿿])([一-鿿])")
_GENDER = {"先生": "先生", "大哥": "先生", "大爷": "先生", "叔叔": "先生", "师傅": "先生"} | dict.fromkeys(
    ("女士", "小姐", "大姐", "阿姨", "大妈"), "女士"
)
_NOT_GIVEN = re.compile(r"[这那个的了在是和有想要要家住来说反们投咨询]")


class _Found(msgspec.Struct, frozen=True):
    name: str
    confidence: float
    evidence: Evidence


def find_caller_name(transcript: Transcript) -> DraftField | None:
    """The name with its title where one was said ('王先生', '李秀英女士', '王'); None when nobody said a name."""
    found = [*_said_by_caller(transcript), *_said_by_agent(transcript)]
    if not found:
        return None
    best = max(found, key=lambda one: (one.confidence, len(one.name)))
    evidence = [best.evidence]
    name, confidence = best.name, best.confidence
    agreeing = [one for one in found if one is not best and one.name[0] == name[0]]
    titled = next((one for one in agreeing if re.search(_TITLE, one.name)), None)
    if titled is not None and not re.search(_TITLE, name):
        name += titled.name[1:] if len(titled.name) > 1 else ""
    evidence.extend(one.evidence for one in agreeing[:2])
    return DraftField(
        name=FieldName.CALLER_NAME,
        value=name,
        confidence=round(min(0.98, confidence + 0.04 * len(agreeing)), 2),
        evidence=tuple(evidence),
    )


def _said_by_caller(transcript: Transcript) -> list[_Found]:
    found = []
    asked = False
    for said in transcript.in_time:
        if said.side is Side.AGENT:
            asked = _ASKS.search(said.text) is not None
            continue
        here = _in_caller_words(said, asked)
        found.extend(here)
        asked = asked and not here and len(said.text) <= 4
    return found


def _in_caller_words(said: UtteranceFinal, asked: bool) -> list[_Found]:
    text = said.text
    found = []
    title = _WITH_TITLE.search(text)
    suffix = _GENDER.get(title[2], "") if title else ""
    for match in _SPELLS.finditer(text):
        if _SPELLED[match[1]] == match[2]:
            found.append(_Found(match[2] + suffix, 0.95, quote(said, match.start(), match.end(), "name.spelled")))
    for match in _SAYS_SURNAME.finditer(text):
        found.append(_Found(match[1] + suffix, 0.9, quote(said, match.start(), match.end(), "name.surname")))
    for match in _SAYS_NAME.finditer(text):
        name = match[1] or match[2]
        if not _NOT_GIVEN.search(name):
            found.append(_Found(name, 0.75, quote(said, match.start(), match.end(), "name.full")))
    if asked and not found:
        answer = _ANSWER.match(text)
        if answer and not _NOT_GIVEN.search(answer[1]):
            name = answer[1] + _GENDER.get(answer[2] or "", "")
            found.append(_Found(name, 0.8, quote(said, answer.start(1), answer.end(), "name.answer")))
        for match in _SOUNDS_LIKE_XING.finditer(text):
            if syllable(match[1]) in ("xing", "xin") and match[2] in _SURNAMES:
                found.append(_Found(match[2], 0.6, quote(said, match.start(), match.end(), "name.surname.sound")))
    return found


def _said_by_agent(transcript: Transcript) -> list[_Found]:
    """The agent calls the caller by name: '王先生您好'. Both may also speak of a third person, so it counts less."""
    found = []
    for said in transcript.in_time:
        match = _WITH_TITLE.search(said.text) if said.side is Side.AGENT else None
        if match:
            name = match[1] + _GENDER.get(match[2], match[2])
            found.append(_Found(name, 0.7, quote(said, match.start(), match.end(), "name.addressed")))
    return found
