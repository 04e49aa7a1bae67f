"""What comes into the inbox of one stream's actor."""

from dataclasses import dataclass
from enum import Enum, auto

from asr.job_queue import Job
from asr.recogniser import Heard
from domain.audio import AudioChunk

Answer = tuple[Job, Heard | None]


class Note(Enum):
    """The health has changed, or who hears whom; there is no time for this stream any more."""

    LOOK_AT_HEALTH = auto()
    TALK_CHANGED = auto()
    LET_GO = auto()


@dataclass(frozen=True)
class Close:
    """No more sound will come. reason: why, when that is not the call's own end."""

    reason: str


Item = AudioChunk | Answer | Note | Close
