"""Real processes with an engine that kills, hangs and swells them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import structlog

from asr import engine_processes
from asr.engine_process import ProcessGoneError
from asr.engine_processes import EngineProcesses
from asr.engine_wire import Load
from asr.job_queue import Job, Urgency
from asr.recogniser import Clip, Effort, Heard
from asr.scheduler import Scheduler
from asr.settings import AsrSettings
from domain.errors import EngineError, ModelError
from domain.speech import HotWord
from tests.asr.recogniser_contract import RecogniserContract
from tests.asr.sounds import tone

pytestmark = pytest.mark.slow
DEADLINE_S = 60.0


def processes(folder: Path, factory: str = "unruly", *, count: int = 2, growth_mib: float = 4096) -> EngineProcesses:
    load = Load(f"unruly_engine:{factory}", AsrSettings().model_dump_json(), str(folder))
    return EngineProcesses(load, count=count, growth_mib=growth_mib, hang_after_s=1.0)


@pytest.fixture(scope="module", autouse=True)
def found_by_processes() -> Iterator[None]:
    """The unruly engine, also where `tests` is another package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{Path(__file__).parent}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
        yield


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notes")


@pytest.fixture(scope="module")
def engine(notes: Path) -> Iterator[EngineProcesses]:
    with closing(processes(notes)) as engine:
        yield engine
    assert not engine.pids


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(holds: Callable[[], bool]) -> None:
    end_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.02)


def clip(utterance: str, milliseconds: int = 300) -> Clip:
    return Clip(tone(milliseconds), utterance=utterance)


class TestEngineProcesses(RecogniserContract):
    @pytest.fixture
    def spoken(self) -> Clip:
        return Clip(tone(1000))


@pytest.mark.parametrize("what", ["kill", "segfault", "hang"])
def test_an_utterance_whose_process_dies_is_recognised_by_another(engine: EngineProcesses, what: str) -> None:
    before = engine.pids
    assert [heard.text for heard in engine.recognise([clip(f"{what}:1")], Effort.FINAL)] == ["0.30 s。"]
    until(lambda: len(engine.pids) == 2 and engine.pids != before)


def test_a_process_that_is_killed_while_it_has_nothing_to_do_is_replaced(engine: EngineProcesses) -> None:
    before = engine.pids
    os.kill(before[0], signal.SIGKILL)
    until(lambda: len(engine.pids) == 2 and before[0] not in engine.pids)
    assert engine.recognise([clip("a")], Effort.FINAL)[0].text == "0.30 s。"


def test_an_utterance_that_kills_each_time_is_given_up_and_the_next_ones_are_not(engine: EngineProcesses) -> None:
    with pytest.raises(ProcessGoneError, match="ended by signal 9"):
        engine.recognise([clip("always-kill:1")], Effort.FINAL)
    with pytest.raises(EngineError, match="died over this utterance"):
        engine.recognise([clip("always-kill:1", 600)], Effort.PARTIAL)
    assert engine.recognise([clip("b")], Effort.FINAL)[0].text == "0.30 s。"


def test_nothing_is_lost_and_nothing_said_twice_when_processes_die_under_the_scheduler(engine: EngineProcesses) -> None:
    answers: list[tuple[str, str | None]] = []
    came = threading.Semaphore(0)

    def take(job: Job, heard: Heard | None) -> None:
        answers.append((job.stream, heard and heard.text))
        came.release()

    scheduler = Scheduler(engine, take, workers=2, batch=4)
    names = ["a:1", "kill:2", "a:3", "hang:4", "segfault:5", "a:6", "a:7"]
    for name in names:
        scheduler.submit(Job(name, 0, Urgency.FINAL, clip(name), time.monotonic()))
    for _ in names:
        assert came.acquire(timeout=DEADLINE_S)
    assert scheduler.close(DEADLINE_S)
    assert sorted(answers) == sorted((name, "0.30 s。") for name in names)


def test_what_processes_print_is_in_our_log(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as said, closing(processes(tmp_path, count=1)):
        until(lambda: any(line.get("line") == "a library says hello" for line in said))


def test_an_engine_that_refuses_or_ends_its_process_is_an_error_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="of another kind; what to do: fetch it again"):
        processes(tmp_path, "refuses", count=1)
    with pytest.raises(ProcessGoneError, match=r"signal 6.*"):
        processes(tmp_path, "ends_the_process", count=1)


def test_hot_words_reach_all_processes_and_those_that_replace_them(engine: EngineProcesses) -> None:
    engine.put([HotWord(word="政务服务", weight=1.0), HotWord(word="龙华区", weight=1.0)])
    before = engine.pids
    engine.recognise([clip("kill:words")], Effort.FINAL)
    until(lambda: len(engine.pids) == 2 and engine.pids != before)
    known = [engine.recognise([clip("words")], Effort.PARTIAL)[0].text for _ in range(4)]
    assert known == ["2"] * 4


def test_a_process_that_has_grown_is_replaced_without_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_processes, "_STEADY_S", 0.0)
    with closing(processes(tmp_path, count=1, growth_mib=32)) as engine:
        (before,) = engine.pids
        engine.recognise([clip("grow:1")], Effort.FINAL)
        engine.recognise([clip("grow:2")], Effort.FINAL)
        assert before in engine.pids, "it works on while its successor loads"
        until(lambda: before not in engine.pids and len(engine.pids) == 1)
        assert engine.recognise([clip("a")], Effort.FINAL)[0].text == "0.30 s。"


PARENT = """
import sys
import numpy as np
from asr.engine_processes import EngineProcesses
from asr.engine_wire import Load
from asr.recogniser import Clip, Effort
load = Load("unruly_engine:unruly", "{}", sys.argv[1])
engine = EngineProcesses(load, count=2, growth_mib=4096, hang_after_s=600)
print("pids", *engine.pids, flush=True)
engine.recognise([Clip(np.full(800, 9000, np.int16), utterance="hang:1")], Effort.FINAL)
"""


def test_processes_end_with_a_listener_that_is_killed_outright(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        said = next(line for line in parent.stdout if line.startswith("pids"))
        pids = [int(pid) for pid in said.split()[1:]]
        until((tmp_path / "hang_1").exists)
        parent.kill()
    assert len(pids) == 2
    until(lambda: not any(map(lives, pids)))
