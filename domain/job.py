"""Work that waits in a queue until some process has time for it."""

import msgspec


class InspectJob(msgspec.Struct, frozen=True, kw_only=True):
    """Inspect one finished recording (subject `job.inspect`). path: relative to the data directory's `recordings`."""

    call_id: str
    path: str
    sha256: str


class TranscribeJob(msgspec.Struct, frozen=True, kw_only=True):
    """Hear a finished recording again, whenever there is time (subject `job.transcribe`). path: as in InspectJob."""

    call_id: str
    path: str
