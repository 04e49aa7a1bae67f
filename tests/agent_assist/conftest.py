"""Conversations as the recogniser would deliver them."""

from collections.abc import Callable

import pytest

from agent_assist.draft import Drafter
from agent_assist.transcript import Transcript
from domain.side import Side
from domain.speech import SpeechHealth, UtteranceFinal
from domain.ticket import DraftField, FieldName

Converse = Callable[..., Transcript]
Draft = Callable[..., dict[FieldName, DraftField]]
MS_PER_CHAR = 220


def spoken(number: int, side: Side, text: str, start_ms: int) -> UtteranceFinal:
    end_ms = start_ms + MS_PER_CHAR * len(text)
    return UtteranceFinal(
        call_id="c1",
        side=side,
        utterance_id=f"c1-{side}-{number:04d}",
        start_ms=start_ms,
        end_ms=end_ms,
        text=text,
        char_ms=tuple(start_ms + MS_PER_CHAR * place for place in range(len(text))),
        confidence=0.8,
        engine="test",
        health=SpeechHealth.LIVE,
        ended_at_ms=1_700_000_000_000 + end_ms,
        recognised_at_ms=1_700_000_000_500 + end_ms,
    )


def transcript_of(*lines: str, caller_number: str = "13800138000") -> Transcript:
    """'C:' lines are the caller's, 'A:' lines the agent's, one after the other."""
    utterances, at_ms = [], 1000
    for number, line in enumerate(lines):
        side = Side.CALLER if line.startswith("C:") else Side.AGENT
        utterances.append(spoken(number, side, line[2:], at_ms))
        at_ms = utterances[-1].end_ms + 400
    return Transcript("c1", caller_number, tuple(utterances))


@pytest.fixture(scope="session")
def drafter() -> Drafter:
    return Drafter()


@pytest.fixture(scope="session")
def converse() -> Converse:
    return transcript_of


@pytest.fixture(scope="session")
def draft(drafter: Drafter) -> Draft:
    def fields(*lines: str, caller_number: str = "13800138000") -> dict[FieldName, DraftField]:
        found = drafter.fields(transcript_of(*lines, caller_number=caller_number))
        return {field.name: field for field in found}

    return fields


BUILDING_SITE_AT_NIGHT = (
    "A:您好，云江市12345热线，工号十六号，请问有什么可以帮您？",
    "C:喂你好，我要投诉，我们小区旁边那个工地啊，每天晚上施工到凌晨两点，吵得根本睡不着。",
    "A:您好，先别着急，请问您是在哪个小区呢？",
    "C:我住在临江区青石街道锦绣花园小区三号楼。",
    "A:好的，临江区青石街道锦绣花园小区，是吗？",
    "C:对。",
    "A:他们一般几点开始施工，有没有看到夜间施工的公示？",
    "C:晚上十点就开始了，挖掘机轰隆隆的，还有搅拌车进进出出，家里有老人，还有个孩子马上要中考了。",
    "A:之前有没有向工地反映过？",
    "C:找过好几次，他们说赶工期，没人管。",
    "A:您的诉求是什么呢？",
    "C:希望你们能派人来查一下，晚上不要再施工了。",
    "A:好的，请问您贵姓？",
    "C:免贵姓王。",
    "A:王先生，您的联系电话是您现在打的这个号码吗？",
    "C:对，就打这个电话。",
    "A:好的，我已经给您登记了，会转到住建部门处理，五个工作日内给您答复。",
    "C:好的谢谢。",
)


@pytest.fixture(scope="session")
def building_site() -> Transcript:
    return transcript_of(*BUILDING_SITE_AT_NIGHT)
