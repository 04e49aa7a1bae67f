"""Places, by the sample city's gazetteer and by patterns."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent_assist.address_pattern import arabic
from agent_assist.draft import SAMPLE_GAZETTEER
from agent_assist.gazetteer import Gazetteer, load_gazetteer
from agent_assist.location import find_location
from agent_assist.transcript import Transcript
from domain.errors import KnowledgeError

Converse = Callable[..., Transcript]


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer(SAMPLE_GAZETTEER)


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (("C:我住在锦绣花园小区",), "云江市临江区青石街道锦绣花园小区"),
        (("C:锦绣花园三栋二单元五零一",), "云江市临江区青石街道锦绣花园小区3栋2单元501"),
        (("C:在西渡路这边",), "云江市河西区西渡街道西渡路"),
        (("C:望江路二十三号",), "云江市临江区望江街道望江路23号"),
        (("C:阳光水安小区门口",), "云江市河西区西渡街道阳光水岸小区门口"),
        (("C:我在幸福里小区",), "幸福里小区"),
        (("C:临江区建设路那边",), "云江市临江区建设路"),
        (("C:我在桂花苑", "A:云山区桂园街道桂花苑小区是吗"), "云江市云山区桂园街道桂花苑小区"),
        (("C:不是码头新村，是锦绣花园小区"), "云江市临江区青石街道锦绣花园小区"),
    ],
)
def test_addresses(converse: Converse, gazetteer: Gazetteer, lines: tuple[str, ...] | str, address: str) -> None:
    location = find_location(converse(*((lines,) if isinstance(lines, str) else lines)), gazetteer)
    assert location is not None
    assert "".join(location.parts) == address


@pytest.mark.parametrize(
    "line", ["A:您好，云江市12345热线", "C:我要问一下临江区城市管理局的电话", "C:这条路太堵了", "C:我们小区的物业"]
)
def test_no_place_where_none_was_said(converse: Converse, gazetteer: Gazetteer, line: str) -> None:
    assert find_location(converse(line), gazetteer) is None


@pytest.mark.parametrize(
    ("spoken", "written"), [("十二", "12"), ("三百零一", "301"), ("三零一", "301"), ("二十", "20")]
)
def test_small_numbers(spoken: str, written: str) -> None:
    assert arabic(spoken) == written


def test_a_homeless_place_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text("name,kind,within,aliases\n云江市,city,,\n东区,district,西市,东城|东区\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"places\.csv:3.*西市"):
        load_gazetteer(file)
