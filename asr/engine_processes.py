"""An engine in processes of its own: what crashes, hangs or swells there is replaced, and nothing said is lost.

Behind the port Recogniser, so that the scheduler's threads stay as they are: each waits for one process. A final whose
process dies is recognised again by another, once; an utterance over which two died is not tried any more.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog

from asr.engine_process import EngineProcess, ProcessGoneError
from asr.engine_wire import Answers, Load, Measure, Measured, Recognise, TakeWords
from asr.metrics import ENGINE_MEMORY_MIB, ENGINE_PROCESS_ENDS
from asr.recogniser import Clip, Effort, Heard
from domain.errors import EngineError, HotlineError
from domain.speech import HotWord

_LOG = structlog.get_logger(__name__)
_LOAD_WITHIN_S = 300.0
_MEASURE_WITHIN_S = 120.0
_WORDS_WITHIN_S = 60.0
_BORROW_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.25
_STEADY_S = 60.0
"""Younger processes are not replaced for their memory: one that swells at once would be replaced for ever."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_DEADLY = 2
_REMEMBERED = 1024


class EngineProcesses:
    """`count` processes. growth_mib: memory that one may gain after its first answer before it is replaced.

    hang_after_s: it may take this long and as long as the clips last; then it is killed, unless it only works slowly.
    Processes have the niceness of the thread that makes this. The constructor returns when all have loaded; it raises
    what the engine says against it (ModelError, ConfigError), or ProcessGoneError when it ends its process over it.
    """

    def __init__(self, load: Load, *, count: int, growth_mib: float, hang_after_s: float) -> None:
        self._load = load
        self._count = count
        self._growth_mib = growth_mib
        self._hang_after_s = hang_after_s
        self._changed = threading.Condition()
        self._processes: list[EngineProcess] = []
        self._idle: deque[EngineProcess] = deque()
        self._swollen: EngineProcess | None = None
        """Works on until the one that replaces it has loaded."""
        self._homes: OrderedDict[str, EngineProcess] = OrderedDict()
        self._deaths: OrderedDict[str, int] = OrderedDict()
        self._refusal: HotlineError | None = None
        self._refusals = 0
        self._bear_from_s = 0.0
        self._words: tuple[HotWord, ...] = ()
        self._closing = False
        self.name = ""
        self.continues = False
        self._keeper = threading.Thread(target=self._keep, name="asr-keeper", daemon=True)
        self._keeper.start()
        with self._changed:
            self._changed.wait_for(lambda: len(self._idle) == count or self._refusal)
        if self._refusal is not None:
            self.close()
            raise self._refusal

    def recognise(self, clips: Sequence[Clip], effort: Effort) -> list[Heard]:
        """EngineError when no process could do it; several clips are then better tried one by one."""
        if not clips:
            return []
        if self.continues:
            return [self._recognise([clip], effort)[0] for clip in clips]
        return self._recognise(clips, effort)

    def real_time_factor(self) -> float:
        """Of all processes while all work, as they will when there is much to do: they share caches and memory."""
        with ThreadPoolExecutor(self._count) as pool:
            return sum(pool.map(lambda _: self._measure(), range(self._count))) / self._count

    def put(self, words: Iterable[HotWord]) -> None:
        """The city's hot words from now on, also for processes to come. One process after the other takes them, so that
        the others go on recognising; blocks meanwhile."""
        with self._changed:
            self._words = tuple(words)
            processes = list(self._processes)
        for process in processes:
            if self._borrow_this(process):
                try:
                    process.ask(TakeWords(self._words), _WORDS_WITHIN_S)
                except ProcessGoneError as gone:
                    self._mourn(process, gone)
                else:
                    self._give_back(process)

    @property
    def pids(self) -> list[int]:
        """Of the processes that live, those that still load included."""
        with self._changed:
            return [process.pid for process in self._processes if process.alive]

    def close(self) -> None:
        """End all processes, those that work as well."""
        with self._changed:
            self._closing = True
            idle, self._idle = list(self._idle), deque()
            working = [process for process in self._processes if process not in idle]
            self._changed.notify_all()
        for process in idle:
            process.close(1.0)
        for process in working:
            process.kill()
        self._keeper.join()

    def _recognise(self, clips: Sequence[Clip], effort: Effort) -> list[Heard]:
        wish = Recognise(tuple(clips), effort)
        within_s = self._hang_after_s + sum(clip.seconds for clip in clips)
        again = effort is Effort.FINAL and len(clips) == 1
        while True:
            self._refuse_deadly(clips)
            process = self._borrow(clips[0].utterance)
            try:
                reply = process.ask(wish, within_s)
            except ProcessGoneError as gone:
                self._mourn(process, gone, clips[0].utterance if len(clips) == 1 else "")
                if not again:
                    raise
                again = False
                continue
            except BaseException:
                self._give_back(process)
                raise
            assert isinstance(reply, Answers)
            self._give_back(process, reply.memory_mib)
            with self._changed:
                for clip in clips:
                    self._deaths.pop(clip.utterance, None)
            return reply.heard

    def _measure(self) -> float:
        process = self._borrow("")
        try:
            reply = process.ask(Measure(), _MEASURE_WITHIN_S)
        except ProcessGoneError as gone:
            self._mourn(process, gone)
            raise
        except BaseException:
            self._give_back(process)
            raise
        assert isinstance(reply, Measured)
        self._give_back(process, reply.memory_mib)
        return reply.factor

    def _refuse_deadly(self, clips: Sequence[Clip]) -> None:
        with self._changed:
            for clip in clips:
                if self._deaths.get(clip.utterance, 0) >= _DEADLY:
                    raise EngineError(
                        f"{_DEADLY} engine processes died over this utterance",
                        where=clip.utterance,
                        remedy="see the log",
                    )

    def _borrow(self, utterance: str) -> EngineProcess:
        """A process that has nothing to do; for an engine that continues, the one that knows the utterance."""
        end_s = time.monotonic() + _BORROW_WITHIN_S
        with self._changed:
            while not self._closing:
                process = self._choose(utterance)
                if process is not None:
                    self._idle.remove(process)
                    self._settle(utterance, process)
                    return process
                if not self._changed.wait(end_s - time.monotonic()):
                    break
        raise EngineError("no engine process is free", where=self.name, remedy="see the log for why they die or hang")

    def _borrow_this(self, process: EngineProcess) -> bool:
        """Whether it lives and has become free; one that still loads is given the words of then."""

        def decided() -> bool:
            return process in self._idle or process not in self._processes or self._closing

        with self._changed:
            if not self._changed.wait_for(decided, _BORROW_WITHIN_S) or process not in self._idle:
                return False
            self._idle.remove(process)
            return True

    def _choose(self, utterance: str) -> EngineProcess | None:
        home = self._homes.get(utterance)
        if home is not None and home in self._processes and home.alive:
            return home if home in self._idle else None
        return next((process for process in self._idle if process.alive), None)

    def _settle(self, utterance: str, process: EngineProcess) -> None:
        if not self.continues or not utterance:
            return
        self._homes[utterance] = process
        if len(self._homes) > _REMEMBERED:
            self._homes.popitem(last=False)

    def _give_back(self, process: EngineProcess, memory_mib: float = 0.0) -> None:
        with self._changed:
            if memory_mib:
                process.memory_mib = memory_mib
                process.loaded_mib = process.loaded_mib or memory_mib
                ENGINE_MEMORY_MIB.set(sum(each.memory_mib for each in self._processes))
                self._look_at_memory(process)
            if process in self._processes and not self._closing:
                self._idle.append(process)
                self._changed.notify_all()
                return
        process.close(1.0)

    def _look_at_memory(self, process: EngineProcess) -> None:
        grown = process.memory_mib - process.loaded_mib
        steady = time.monotonic() - process.born_s > _STEADY_S
        if self._swollen is None and steady and grown > self._growth_mib:
            self._swollen = process
            _LOG.info("an engine process has grown and is replaced", pid=process.pid, grown_mib=round(grown))
            ENGINE_PROCESS_ENDS.labels("grown").inc()

    def _mourn(self, process: EngineProcess, gone: ProcessGoneError, utterance: str = "") -> None:
        """utterance: the one that it died over, if it was one alone: of several nobody knows which it was."""
        if self._closing:
            return
        _LOG.error("an engine process is gone", pid=process.pid, reason=gone.what, utterance=utterance)
        ENGINE_PROCESS_ENDS.labels("hung" if process.was_late else "crashed").inc()
        with self._changed:
            self._forget(process)
            if utterance:
                self._deaths[utterance] = self._deaths.get(utterance, 0) + 1
                if len(self._deaths) > _REMEMBERED:
                    self._deaths.popitem(last=False)
            self._changed.notify_all()

    def _forget(self, process: EngineProcess) -> None:
        if process in self._processes:
            self._processes.remove(process)
        if process in self._idle:
            self._idle.remove(process)
        if self._swollen is process:
            self._swollen = None

    def _keep(self) -> None:
        """Bear the processes that are missing and end those that hang. The kernel ends all of them with this thread."""
        while True:
            with self._changed:
                if self._closing:
                    return
                for process in [process for process in self._idle if not process.alive]:
                    _LOG.error("an idle engine process is gone", pid=process.pid)
                    ENGINE_PROCESS_ENDS.labels("crashed").inc()
                    self._forget(process)
                missing = self._count + (self._swollen is not None) - len(self._processes)
            now_s = time.monotonic()
            for _ in range(missing if now_s >= self._bear_from_s else 0):
                self._bear()
            for process in list(self._processes):
                process.kill_if_late(now_s)
            with self._changed:
                self._changed.wait(_LOOK_EVERY_S)

    def _bear(self) -> None:
        process = EngineProcess()
        with self._changed:
            self._processes.append(process)
        threading.Thread(target=self._raise, args=(process,), name="asr-load", daemon=True).start()

    def _raise(self, process: EngineProcess) -> None:
        """Let it load, then let it work."""
        try:
            loaded, words = process.load(self._load, _LOAD_WITHIN_S), self._words
            if words:
                process.ask(TakeWords(words), _WORDS_WITHIN_S)
        except HotlineError as refusal:
            process.kill()
            with self._changed:
                if self._closing:
                    return
                self._refusals += 1
                pause_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** (self._refusals - 1))
                self._bear_from_s = time.monotonic() + pause_s
                self._refusal = refusal
                self._forget(process)
                self._changed.notify_all()
            _LOG.error("an engine process does not load", pid=process.pid, reason=str(refusal), again_in_s=pause_s)
            return
        leaving = None
        with self._changed:
            self.name, self.continues, self._refusals = loaded.name, loaded.continues, 0
            if self._swollen is not None:
                leaving = self._swollen if self._swollen in self._idle else None
                self._forget(self._swollen)
        if leaving is not None:
            leaving.close(1.0)
        self._give_back(process)
