"""What every call of a switch works with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.ports import Bus, EventLog
from telephony.calls.audio_post import AudioPost
from telephony.calls.feature_codes import Feature
from telephony.calls.listening import Listening
from telephony.calls.seats import Seats
from telephony.ports import (
    CallControls,
    CallRecorder,
    CallScript,
    MediaDescription,
    MediaPlane,
    PromptStore,
    SipEndpoint,
    Speaker,
)


@dataclass(frozen=True)
class SwitchParts:
    """describe: our side of a sound that arrives at this local port. open_recorder: by call id. now_ms: wall clock.
    open_script: by the queue in which an agent lets the caller wait, "" for a call that arrives. silent_limit_s: a
    caller without any sound is let go after so long. hotline_number: what those see whom we call. transfer_ring_s,
    citizen_ring_s: how long a telephone rings that an agent has called, and a citizen's.
    speaker: reads agents the place of an emergency; None: nobody does.
    """

    switch_id: str
    endpoint: SipEndpoint
    plane: MediaPlane
    bus: Bus
    log: EventLog
    listening: Listening
    post: AudioPost
    prompts: PromptStore
    music: bytes
    journal_dir: Path
    describe: Callable[[int], MediaDescription]
    open_recorder: Callable[[str], CallRecorder]
    open_script: Callable[[CallControls, str], CallScript]
    now_ms: Callable[[], int]
    silent_limit_s: float
    seats: Seats
    feature_codes: dict[Feature, str]
    hotline_number: str = "12345"
    transfer_ring_s: float = 30.0
    citizen_ring_s: float = 60.0
    speaker: Speaker | None = None
