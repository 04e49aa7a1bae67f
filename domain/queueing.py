"""What the queue (ACD) shows to others (request `queue.snapshot`, and pushed on `queue.state` after each change)."""

import msgspec

from domain.agent import AgentStatus


class WaitingCall(msgspec.Struct, frozen=True, kw_only=True):
    """since_ms: wall clock (Unix, ms) when the caller entered the queue; position counts from 1.

    line: the special line that the call came by, "" without; callback: the caller hung up and is to be called back.
    """

    call_id: str
    queue: str
    since_ms: int
    position: int
    offered_to: str = ""
    line: str = ""
    callback: bool = False


class QueueSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    at_ms: int
    waiting: tuple[WaitingCall, ...]
    agents: tuple[AgentStatus, ...]


class SnapshotRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Asks for everything; it has no fields yet."""
