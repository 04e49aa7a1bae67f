"""What the queue (ACD) remembers. All times are wall clock (Unix, ms)."""

import msgspec

from domain.acd_rules import AcdRules
from domain.agent import AgentState


class QueuedCall(msgspec.Struct, frozen=True, kw_only=True):
    """A caller who waits.

    arrival: counts who came when. place_ms: since when the place counts, 0: since entered_at_ms. reach: how many steps
    of its queue's overflow are open. retry_at_ms: not offered before. silent_since_ms: since when its switch does not
    answer, 0 while it does; probe_at_ms: when to ask it again. announced: callers before them as they were last told;
    say_at_ms: when they are told the next time. overflow_at_ms, limit_at_ms: when the next step opens, when the wait is
    too long. away_because: a TurnAwayBecause, once nobody will come. callback_number: where
    they want to be called back; hung_up: they are gone and are to be called.
    Every time that is not set is 0.
    """

    call_id: str
    queue: str
    priority: int
    arrival: int
    entered_at_ms: int
    caller_number: str = ""
    line: str = ""
    emergency: bool = False
    repeat: bool = False
    place_ms: int = 0
    reach: int = 0
    offer_id: str = ""
    retry_at_ms: int = 0
    silent_since_ms: int = 0
    probe_at_ms: int = 0
    announced: int = -1
    announced_at_ms: int = 0
    say_at_ms: int = 0
    overflow_at_ms: int = 0
    limit_at_ms: int = 0
    away_because: str = ""
    callback_number: str = ""
    hung_up: bool = False
    tries: int = 0

    @property
    def since_ms(self) -> int:
        """The time from which the place counts."""
        return self.place_ms or self.entered_at_ms

    @property
    def offerable(self) -> bool:
        """Whether an agent may be rung for it now."""
        waits = not (self.offer_id or self.retry_at_ms or self.silent_since_ms or self.away_because)
        return waits and (self.hung_up or not self.callback_number)


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A call that rings at an agent. ringing: the switch said that the phone was sent an INVITE.

    callback_number: the citizen is to be called after the agent has answered. dialled: the id of that call. answered:
    the agent has answered, the citizen not yet.
    """

    offer_id: str
    call_id: str
    agent_id: str
    extension: str
    queue: str
    waited_ms: int
    made_at_ms: int
    expires_at_ms: int
    ringing: bool = False
    auto_answer: bool = False
    callback_number: str = ""
    dialled: str = ""
    answered: bool = False


class QueueAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as the queue sees them.

    idle_since_ms: orders who is next; an offer that the caller gave up does not change it. wrap_up_ends_ms: 0 when the
    agent decides. break_after: the reason of the break that begins when the talk ends, None without; sign_out_after:
    the agent is signed out then instead. skills: name → level. queue: of the call they have. idle_ms, busy_ms: spent
    ready, and with calls, since they signed in (without the state that lasts). with_colleague: their call is one
    between agents, and no caller's.
    """

    agent_id: str
    name: str
    extension: str
    queues: tuple[str, ...]
    state: AgentState
    since_ms: int
    idle_since_ms: int = 0
    call_id: str = ""
    offer_id: str = ""
    reason: str = ""
    wrap_up_ends_ms: int = 0
    break_after: str | None = None
    sign_out_after: bool = False
    skills: dict[str, int] = {}
    auto_answer: bool = False
    queue: str = ""
    idle_ms: int = 0
    busy_ms: int = 0
    with_colleague: bool = False


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    extension: str
    registered: bool
    expires_at_ms: int


class Departed(msgspec.Struct, frozen=True, kw_only=True):
    """A caller who left the queue without a person: until forget_at_ms a redial has their place."""

    number: str
    queue: str
    place_ms: int
    arrival: int
    forget_at_ms: int
    repeat: bool = False


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast a queue moves while callers wait in it.

    from_ms: since when nobody left it although somebody waits, 0 while nobody waits. gaps: (when, ms) of the latest
    times between two who left.
    """

    from_ms: int = 0
    gaps: tuple[tuple[int, int], ...] = ()


class CallerHour(msgspec.Struct, frozen=True, kw_only=True):
    """Who entered the queue in this hour (Unix time / 3600 s); callers: digests of their numbers."""

    hour: int
    callers: tuple[str, ...]


class AcdSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the queue knows, or a part of it.

    calls: waiting callers by id. arrivals, offers_made: counters. seen: the ids of the latest events; seen_before: of
    those before them. rules: None in the logs of before the rules stood in them.
    """

    calls: dict[str, QueuedCall] = {}
    offers: dict[str, Offer] = {}
    agents: dict[str, QueueAgent] = {}
    phones: dict[str, Phone] = {}
    departed: dict[str, Departed] = {}
    paces: dict[str, Pace] = {}
    hours: tuple[CallerHour, ...] = ()
    arrivals: int = 0
    offers_made: int = 0
    seen: tuple[str, ...] = ()
    seen_before: tuple[str, ...] = ()
    rules: AcdRules | None = None


class SnapshotPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where in the log the latest SnapshotTaken is (subject `acd.snapshot`, the last one is kept)."""

    sequence: int
    at_ms: int
