"""A caller's utterances cut into clauses, and what each clause is for: fact, wish, or neither."""

import re
from enum import StrEnum
from functools import lru_cache

import msgspec

from agent_assist.digits import digit_runs, is_measured
from agent_assist.phonetic import voiced

_CUT = re.compile(
    r"[，。！？；、,.!?;\s]+|(?<=[一-鿿]{5})(?=我?希望|能不能|能否|可不可以|麻烦你|请你们|赶紧派|赶快派|尽快派|我想问|我要投诉)"
)
_FILLERS = re.compile(
    r"^(?:喂|哎|唉|呃|额|嗯|啊|哦|噢|欸|诶|那个|这个|就是说|就是|然后|反正|其实|你好|您好|是这样的|是这样|我跟你说|我跟您说|怎么说呢|所以说|那么|因为|对|的话)+"
    r"|(?:呃|嗯|啊)+|(?:啊|呢|吧|呀|嘛|哈|哦|啦|的话)+$|(?<=[一-鿿])(?:那个|这个)(?=那个|这个)|那个那个|这个这个|就是说"
)
_STUTTER = re.compile(r"([一-鿿]{2,4})\1(?=[一-鿿])|([我你他她它就在有的是那这从到对把被给和])\2(?=[一-鿿])")
_COURTESY = re.compile(
    r"^(?:喂|你好|您好|早上好|谢谢|感谢|多谢|好的?|好吧|行|可以|嗯|对|对的|是的?|是啊|没有?错|不客气|再见|拜拜|没有了?|没了|知道了?|明白了?|辛苦了?|[麻吗马]烦(?:你|您|匿)?[们门]?[了乐]?|辛苦(?:你|您)们?了?|听得到吗?|能听见吗|不用了?|就这样|就这些|没别的了?|没什么了?|12345吗?|热线吗?|人工|转人工|人工服务|你是12345吗|是12345吗)+$"
)
_IDENTITY = re.compile(
    r"我?(?:免贵)?姓.{0,3}$|我叫.{2,3}$|电话(?:号码)?(?:是|就)|号码是|就(?:打|用)?这个(?:电话|号码|手机|号)|手机号|联系方式|^(?:叫我)?.{1,3}(?:先生|女士)(?:就可以|就行|就好)?了?$"
)
_WISH = re.compile(
    r"希[望王忘旺往网]|要求|请求|恳请|能不能|能否|可不可以|可以不可以|请你们|请您|麻烦你|麻烦您|建议|尽快|赶紧|赶快|帮我|帮忙|管一管|管管|想问|问一下|请问|咨询|想了解|了解一下|打听|怎么办|怎么弄|如何|什么材料|什么条件|什么手续|哪里办|去哪|多少钱|多久|什么时候|是不是可以|派人|处理一下|解决一下|查一下|来看看|查一查|给个说法|不要再|别再|不许再|不能再|叫他们"
)
_GRIEVANCE = re.compile(r"[没不坏吵臭漏堵太]")
_LEAST_FACT = 5
_LEAST_GRIEVANCE = 3
_LEAST_WISH = 4


class Purpose(StrEnum):
    FACT = "fact"
    WISH = "wish"
    COURTESY = "courtesy"
    IDENTITY = "identity"
    THIN = "thin"


class Clause(msgspec.Struct, frozen=True):
    """text[start:end] as spoken; words: the same without fillers and stutter."""

    start: int
    end: int
    words: str
    purpose: Purpose


@lru_cache(maxsize=4096)
def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of an utterance by its punctuation and blanks, in order."""
    found = []
    start = 0
    for cut in [*_CUT.finditer(text), None]:
        end = cut.start() if cut else len(text)
        if end > start:
            words = without_fillers(text[start:end])
            found.append(Clause(start, end, words, _purpose(words)))
        start = cut.end() if cut else end
    return tuple(found)


def without_fillers(words: str) -> str:
    """The words without 呃, 那个, 然后 …, and without what was said twice by stumbling."""
    before = None
    while before != words:
        before = words
        words = _FILLERS.sub("", words)
    return _STUTTER.sub(lambda twice: twice[1] or twice[2], words)


def _purpose(words: str) -> Purpose:
    bare, _ = voiced(words)
    if not bare or _COURTESY.match(bare):
        return Purpose.COURTESY
    codes = [run for run in digit_runs(words, least=5) if not is_measured(words, run)]
    if _IDENTITY.search(bare) or codes:
        return Purpose.IDENTITY
    if _WISH.search(bare):
        return Purpose.WISH if len(bare) >= _LEAST_WISH else Purpose.THIN
    enough = len(bare) >= _LEAST_FACT or (len(bare) >= _LEAST_GRIEVANCE and _GRIEVANCE.search(bare))
    return Purpose.FACT if enough else Purpose.THIN
