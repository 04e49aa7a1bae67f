"""What each event of a call says besides what happened."""

import msgspec


class CallEventBase(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """call_id; number: counts the call's events from 0; at_ms: wall clock (Unix, ms); switch_id: who holds the call."""

    call_id: str
    number: int
    at_ms: int
    switch_id: str

    @property
    def event_id(self) -> str:
        return f"{self.call_id}.{self.number}"
