"""[queue] in hotline.toml becomes the core's rules, or an error that names the place."""

from pathlib import Path

import pytest

from domain.acd_rules import Overflow, Strategy
from domain.errors import ConfigError, FlowError
from hotline.config import load_settings
from hotline.prompts import open_flow
from hotline.queue_rules import rules_of

GOOD = """
[queue]
ageing_s = 60
callback_hours = "09:00-12:00, 13:30-17:30"

[[queue.queues]]
name = "公积金"
skill = "公积金"
level = 2
strategy = "most_skilled"
overflow = [{after_s = 60, to = "default"}, {after_s = 30, to = "社保"}]
open_workdays = "08:30-18:00"
open_restdays = ""
closed_to = "default"

[[queue.queues]]
name = "社保"
skill = "社保"

[[queue.lines]]
name = "代表委员"
callers_file = "vip.txt"
priority = 5
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "hotline.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_rules_say_what_the_file_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vip.txt").write_text("# 市人大\n13800000001\n022*  # 政府总机\n", encoding="utf-8")
    rules = rules_of(load_settings(write(tmp_path, GOOD), {}))
    fund = rules.queues["公积金"]
    assert (fund.skill, fund.level, fund.strategy) == ("公积金", 2, Strategy.MOST_SKILLED)
    assert fund.overflow == (Overflow(after_ms=30_000, to="社保"), Overflow(after_ms=60_000, to="default"))
    assert (fund.hours.workdays, fund.hours.restdays) == (((510, 1080),), ())
    assert rules.callback_hours.restdays == ((540, 720), (810, 1050))
    assert rules.lines[0].callers == ("13800000001", "022*")
    assert rules.days["2026-10-10"] is True


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[queue.queues]]\nname = "a"\nskil = "x"\n', ("hotline.toml:3", "did you mean 'skill'")),
        (
            '[[queue.queues]]\nname = "a"\n[[queue.queues]]\nname = "b"\nopen_workdays = "8-12"\n',
            ("hotline.toml:5", "no time of day"),
        ),
        (
            '[[queue.queues]]\nname = "a"\noverflow = [{after = 3}]\n',
            ("hotline.toml:3", "overflow.0.after_s"),
        ),
        ('[[queue.queues]]\nskill = "a"\n', ("hotline.toml:1", "queue.queues.0.name")),
        ('[[queue.queues]]\nname = "a"\nclosed_to = "b"\n', ("queue.queues 'a': closed_to", "no queue 'b'")),
        ('[[queue.queues]]\nname = "a"\n[[queue.queues]]\nname = "a"\n', ("'a' stands twice",)),
        (
            '[[queue.queues]]\nname = "a"\nclosed_to = "b"\n[[queue.queues]]\nname = "b"\nclosed_to = "a"\n',
            ("closed_to leads from 'a' back to 'a'",),
        ),
        ('[queue]\nlanguages = {en = "英语"}\n', ("queue.languages 'en'", "no queue '英语'")),
        (
            '[queue]\nlanguages = {en = "a"}\n[[queue.queues]]\nname = "a"\nskill = "英语"\n',
            ("queue.languages 'en'", "'a' has no overflow"),
        ),
        ('[[queue.lines]]\nname = "v"\ncallers_file = "list.txt"\n', ("list.txt:2", "'12a' is no telephone number")),
        ('[queue]\ncalendar = "none.txt"\n', ("none.txt", "cannot read the calendar")),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.txt").write_text("138\n12a\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        rules_of(load_settings(write(tmp_path, text), {}))
    for word in words:
        assert word in str(caught.value)


def test_a_flow_that_names_an_unknown_queue_is_refused_at_start(tmp_path: Path) -> None:
    flow = tmp_path / "flow.yaml"
    flow.write_text(
        "language: 1\nflow: f\nversion: 1\nstart: n\nperson: n\nnodes:\n  n:\n    - queue:\n        name: 公积\n",
        encoding="utf-8",
    )
    settings = load_settings(
        write(tmp_path, f'[ivr_flows]\nfile = "{flow}"\n[[queue.queues]]\nname = "公积金"\nskill = "公积金"\n'), {}
    )
    with pytest.raises(FlowError) as caught:
        open_flow(settings)
    assert f"{flow}:9" in str(caught.value)
    assert "公积金" in str(caught.value)


def test_a_call_back_is_offered_only_where_a_trunk_dials_out(tmp_path: Path) -> None:
    conf = tmp_path / "sip.conf"
    settings = load_settings(write(tmp_path, f'[service]\nsip_conf = "{conf}"\n'), {})
    conf.write_text("[trunk city]\nallow = 192.0.2.1\n", encoding="utf-8")
    assert rules_of(settings).callback_after_ms is None
    conf.write_text("[trunk city]\nallow = 192.0.2.1\nhost = 192.0.2.1\n", encoding="utf-8")
    assert rules_of(settings).callback_after_ms == 60_000
    assert rules_of(load_settings(None, {"HOTLINE_SERVICE__DEMO": "true"})).callback_after_ms is None
