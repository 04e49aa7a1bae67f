import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.normalise import speakable, spell_digits, spell_letters, spell_numbers

DIGIT_BY_DIGIT = [
    ("欢迎致电12345政务服务便民热线。", "欢迎致电幺二三四五政务服务便民热线。"),
    ("工号1024的话务员将为您服务。", "工号幺零二四的话务员将为您服务。"),
    ("1024号话务员为您服务", "幺零二四号话务员为您服务"),
    ("工单编号20240618003457已经受理。", "工单编号二零二四零六幺八零零三四五七已经受理。"),
    ("请拨打市医保局服务电话400-800-1234。", "请拨打市医保局服务电话四零零八零零幺二三四。"),
    ("您的联系电话是13812345678，对吗？", "您的联系电话是幺三八幺二三四五六七八，对吗？"),
    ("供水服务热线电话是010-96116。", "供水服务热线电话是零幺零九六幺幺六。"),
    ("尾号5678", "尾号五六七八"),
    ("拨打１２３１５", "拨打幺二三幺五"),
]

SPOKEN = [
    ("您前面还有3位市民在等待，请不要挂机。", "您前面还有三位市民在等待，请不要挂机。"),
    ("您前面还有12位来电者，请您耐心等待。", "您前面还有十二位来电者，请您耐心等待。"),
    ("市民服务请按1，人工服务请按0。", "市民服务请按一，人工服务请按零。"),
    ("预计等待时间约5分钟。", "预计等待时间约五分钟。"),
    ("我们将在24小时内给您回电。", "我们将在二十四小时内给您回电。"),
    ("您的工单编号是GD20240501000123，请您记好。", "您的工单编号是记帝二零二四零五零幺零零零幺二三，请您记好。"),
    ("您的诉求于2024年5月1日14:30登记。", "您的诉求于二零二四年五月一日十四点三十分登记。"),
    ("办理时限截止到2024年12月31日。", "办理时限截止到二零二四年十二月三十一日。"),
    ("上午9点到12点，下午1点30分到5点。", "上午九点到十二点，下午一点三十分到五点。"),
    (
        "消费维权请拨打12315，火警请拨打119，急救请拨打120。",
        "消费维权请拨打幺二三幺五，火警请拨打幺幺九，急救请拨打幺二零。",
    ),
    ("朝阳区建国路88号院3号楼2单元501室，对吗？", "朝阳区建国路八十八号院三号楼二单元五零幺室，对吗？"),
    ("城乡居民医保2024年个人缴费标准为每人每年380元。", "城乡居民医保二零二四年个人缴费标准为每人每年三百八十元。"),
    ("利率下调0.25个百分点，利率为2.85%。", "利率下调零点二五个百分点，利率为百分之二点八五。"),
    ("本月应缴水费为1,234.5元，请及时缴纳。", "本月应缴水费为一千二百三十四点五元，请及时缴纳。"),
    ("办理时限为3个工作日，最高不超过30%。", "办理时限为三个工作日，最高不超过百分之三十。"),
]


def words(text: str) -> str:
    return re.sub(r"[，。？！、,.?!]", "", text)


@pytest.mark.parametrize(("written", "spoken"), DIGIT_BY_DIGIT)
def test_numbers_that_are_said_digit_by_digit(written: str, spoken: str) -> None:
    assert spell_numbers(written) == spoken


@pytest.mark.parametrize(("written", "spoken"), SPOKEN)
def test_a_hotline_sentence_is_said_as_a_clerk_says_it(written: str, spoken: str) -> None:
    assert words(speakable(written)) == words(spoken)


@pytest.mark.parametrize("amount", ["30000000元", "1500000.5元", "20000000人次"])
def test_an_amount_is_not_spelled(amount: str) -> None:
    assert spell_numbers(amount) == amount


def test_text_without_numbers_or_letters_stays_as_it_is() -> None:
    sentence = "请告诉我具体的街道、小区和门牌号。"
    assert speakable(sentence) == sentence


@given(st.text(alphabet="0123456789"))
def test_every_digit_has_a_name(digits: str) -> None:
    assert len(spell_digits(digits)) == len(digits)


def test_every_letter_has_a_name() -> None:
    assert not re.search("[A-Za-z]", spell_letters("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))


@given(st.text(alphabet="0123456789-:.,%元年月日室号楼一二请按A电话热线 ", max_size=30))
def test_the_rules_take_any_text(text: str) -> None:
    assert isinstance(spell_numbers(text), str)
