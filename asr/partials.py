"""What is shown of the utterance that one side is in the middle of: pure, answers in, messages out."""

from asr.job_queue import Job, Urgency
from asr.local_agreement import LocalAgreement, SoFarSaid
from asr.recogniser import Heard
from asr.stream import Ended, Started
from domain.ids import utterance_id
from domain.side import Side
from domain.speech import SpeechHealth, SpeechStarted, UtterancePartial

_TRUSTED = {Urgency.PARTIAL: 0.5, Urgency.FORETOLD: 0.7}
"""Least confidence of a character that is shown: of a partial what the engine gives it, of a final's the calibrated."""


class Partials:
    """The words shown of one stream's utterance that goes on."""

    def __init__(self, call_id: str, side: Side) -> None:
        self._call_id = call_id
        self._side = side
        self._current: Started | None = None
        self._agreement = LocalAgreement()
        self._asked_at_s = 0.0
        self._shown: dict[int, Started] = {}
        """Utterances of which words were shown and which are not settled."""

    @property
    def none_shown(self) -> bool:
        """Whether no word of the utterance that goes on is shown."""
        return self._current is None or self._current.number not in self._shown

    def started(self, event: Started) -> SpeechStarted:
        """Another utterance begins: its words are shown from now on."""
        self._current, self._agreement = event, LocalAgreement()
        return SpeechStarted(
            call_id=self._call_id, side=self._side, utterance_id=self._id(event.number), start_ms=event.start_ms
        )

    def heard(self, job: Job, heard: Heard, health: SpeechHealth) -> UtterancePartial | None:
        """The words so far, as one job heard them; None when they are of another utterance, older than those shown, or
        none."""
        current = self._current
        if current is None or job.number != current.number or not heard.text or job.asked_at_s < self._asked_at_s:
            return None
        self._asked_at_s = job.asked_at_s
        said = self._agreement.hear(
            heard.text, cut=job.urgency is Urgency.PARTIAL, doubt=_first_doubt(heard, _TRUSTED.get(job.urgency, 0.0))
        )
        if not said.text:
            return None
        self._shown[job.number] = current
        return self._partial(current, current.start_ms + round(job.clip.seconds * 1000), said, health)

    def taken_back(self, ended: Ended, health: SpeechHealth) -> UtterancePartial | None:
        """Words were shown of an utterance that turned out to be none: an empty partial takes them back, also when the
        next has begun. What is heard of it after that is not shown any more.
        """
        if self._current is not None and self._current.number == ended.number:
            self._current = None
        shown = self._shown.pop(ended.number, None)
        return None if shown is None else self._partial(shown, ended.end_ms, SoFarSaid("", 0), health)

    def settled(self, ended: Ended) -> None:
        """Its final takes the place of what was shown, or is lost."""
        self._shown.pop(ended.number, None)

    def _id(self, number: int) -> str:
        return utterance_id(self._call_id, self._side, number)

    def _partial(self, current: Started, end_ms: int, said: SoFarSaid, health: SpeechHealth) -> UtterancePartial:
        return UtterancePartial(
            call_id=self._call_id,
            side=self._side,
            utterance_id=self._id(current.number),
            start_ms=current.start_ms,
            end_ms=end_ms,
            text=said.text,
            firm=said.firm,
            health=health,
        )


def _first_doubt(heard: Heard, trusted: float) -> int | None:
    """The place of the first character that is less sure; None where there is none, or the engine does not tell."""
    return next(
        (
            place
            for place, confidence in enumerate(heard.char_confidence)
            if confidence < trusted and heard.text[place].isalnum()
        ),
        None,
    )
