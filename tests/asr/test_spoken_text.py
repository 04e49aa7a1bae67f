import pytest

from asr.spoken_text import ended, has_loop, is_credit, written


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (" 這個小區晚上還在施工 ", "这个小区晚上还在施工"),
        ("你好,我要投訴", "你好，我要投诉"),
        ("我 要 投诉", "我要投诉"),
        ("用 baby car 的", "用baby car的"),
        ("3.5 米, 对吗?", "3.5米，对吗？"),
        ("…", ""),
        ("。", ""),
        ("", ""),
        ("對對對", "对对对"),
        ("隨著時間", "随着时间"),
        ("一部著名的著作", "一部著名的著作"),
        ("吵死了吵死了吵死了吵死了吵死了吵死了", "吵死了吵死了"),
        ("一三八五五五五五五五五", "一三八五五五五五五五五"),
        ("NNNNNNNNNNNNNNNN", "NN"),
    ],
)
def test_raw_words_are_written_down(raw: str, text: str) -> None:
    assert written(raw) == text


@pytest.mark.parametrize(
    "text",
    [
        "字幕by索兰娅",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "中文字幕志愿者 李宗盛",
        "字幕由Amara.org社群提供",
        "請不吝點贊訂閱",
    ],
)
def test_credits_are_known_at_any_doubt(text: str) -> None:
    assert is_credit(text, 0.0)


@pytest.mark.parametrize("text", ["谢谢观看", "謝謝大家收看。", "下次再见"])
def test_farewells_are_credits_only_in_doubt(text: str) -> None:
    assert is_credit(text, 0.5)
    assert not is_credit(text, 0.05)


@pytest.mark.parametrize("text", ["谢谢，再见", "电视字幕的事我不管", "请点一下", "我要订阅这个服务"])
def test_callers_words_are_no_credits(text: str) -> None:
    assert not is_credit(text, 0.9)


def test_a_final_has_an_end() -> None:
    texts = ["好的", "是吗？", "我想，", "今天能办吗", ""]
    assert [ended(text) for text in texts] == ["好的。", "是吗？", "我想。", "今天能办吗？", ""]


def test_numbers_may_repeat_words_may_not() -> None:
    assert not has_loop("尾号是000000")
    assert has_loop("好的好的好的好的好的")


def test_more_digits_than_a_number_has_are_a_loop() -> None:
    assert not has_loop("12" * 5)
    assert has_loop("1336452447" + "136" * 20)
    assert written("电话136" + "36" * 20) == "电话13636"
