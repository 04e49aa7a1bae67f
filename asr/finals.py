"""The finals of one stream: each told once, in the order in which they were said, whoever's words come first. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from asr.final_words import Writer
from asr.job_queue import Job
from asr.recogniser import Heard
from asr.stream import Ended
from domain.ids import utterance_id
from domain.side import Side
from domain.speech import SpeechHealth, UtteranceFinal


class Finals:
    """What has ended and is not told yet. first: the number of the stream's first utterance."""

    def __init__(self, first: int) -> None:
        self._next = first
        self._ended: dict[int, Ended] = {}
        self._awaited: dict[int, Job] = {}
        self._heard: dict[int, Heard | None] = {}

    def __bool__(self) -> bool:
        """Whether anything is not told yet."""
        return bool(self._ended)

    def __contains__(self, number: int) -> bool:
        """Whether this utterance has ended and is not told yet."""
        return number in self._ended

    @property
    def since_ms(self) -> int | None:
        """Wall clock (Unix, ms) of the beginning of the first that is not told yet."""
        return min(map(began_at_ms, self._ended.values()), default=None)

    def ends(self, ended: Ended) -> None:
        """An utterance is over; its words are still to come."""
        self._ended[ended.number] = ended

    def awaits(self, job: Job) -> None:
        """The answer to this job has the words of its utterance."""
        self._awaited[job.number] = job

    def takes(self, job: Job, heard: Heard | None) -> bool:
        """Whether this answer has a final's words; None: they could not be recognised."""
        if self._awaited.get(job.number) is not job:
            return False
        del self._awaited[job.number]
        self._heard[job.number] = heard
        return True

    def knows(self, number: int, heard: Heard | None) -> None:
        """The words were there before the utterance ended."""
        self._heard[number] = heard

    def in_order(self) -> Iterator[tuple[Ended, Heard | None]]:
        """Those that can be told now: none before it is missing."""
        while self._next in self._heard:
            number = self._next
            self._next += 1
            yield self._ended.pop(number), self._heard.pop(number)

    def drop(self) -> None:
        """Nobody waits for the rest."""
        self._ended.clear()


@dataclass(frozen=True)
class Speaker:
    """Whose finals they are, which engine heard them and who writes them down. language: as in UtteranceFinal."""

    call_id: str
    side: Side
    engine: str
    writer: Writer
    language: str = ""

    def says(self, ended: Ended, heard: Heard, health: SpeechHealth, now_ms: int) -> UtteranceFinal:
        """What is written down of an utterance with words."""
        words = self.writer.final_words(heard, ended.voiced, ended.sound_from_ms)
        return UtteranceFinal(
            call_id=self.call_id,
            side=self.side,
            utterance_id=utterance_id(self.call_id, self.side, ended.number),
            start_ms=ended.start_ms,
            end_ms=ended.end_ms,
            confidence=heard.confidence,
            engine=self.engine,
            health=health,
            ended_at_ms=ended.ended_at_ms,
            recognised_at_ms=now_ms,
            language=self.language,
            **vars(words),
        )


def began_at_ms(ended: Ended) -> int:
    """Wall clock (Unix, ms) of the utterance's beginning."""
    return ended.ended_at_ms - (ended.end_ms - ended.start_ms)
