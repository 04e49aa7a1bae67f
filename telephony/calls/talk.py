"""What may be done with a call that people talk in, and who then hears whom. Pure.

Up to four are in a call: the caller (citizen), the agent, a third (a colleague, a department, 110) and a team leader.
The call is in one phase; a move that the table does not have for it is refused. Where the third turns out to be an
agent who stays with the caller, that third becomes the agent, and the phase is TALKING.

                     hold ──► HELD
    DIALLING ──► TALKING ──consult──► CALLING ──answers──► CONSULTING ◄─swap─► SWAPPED
                     │                                        │ conference        │
                     ├──invite──► INVITING ──answers──► CONFERENCE ◄──────────────┘
                     └──transfer─► TRANSFERRING ──answers──► HANDED_OVER (caller and third, no agent)

The third who leaves gives the agent the caller back; a caller who is being transferred and whom nobody takes goes back
to the queue, and so does one whose agent's telephone failed (a browser that is gone, a session that was not refreshed).
A leader who takes over ends holds and consultations, but no conference. Muting the agent and supervision lie across the
phases.
"""

from enum import StrEnum

import msgspec

from domain.errors import RefusedError
from domain.talk import Supervision, TalkPhase


class Role(StrEnum):
    """Who somebody is in the call."""

    CALLER = "caller"
    AGENT = "agent"
    THIRD = "third"
    LEADER = "leader"


class Move(StrEnum):
    """What somebody wants, or what has happened (…S)."""

    AGENT_JOINS = "agent joins"
    AGENT_LEAVES = "agent leaves"
    AGENT_IS_LOST = "agent is lost"
    CALLER_ANSWERS = "caller answers"
    THIRD_ANSWERS = "third answers"
    THIRD_LEAVES = "third leaves"
    HOLD = "hold"
    RESUME = "resume"
    CONSULT = "consult"
    INVITE = "invite"
    TRANSFER = "transfer"
    REQUEUE = "requeue"
    SWAP = "swap"
    COMPLETE = "complete"
    CANCEL = "cancel"
    CONFERENCE = "conference"
    TAKE_OVER = "take over"


_P, _M = TalkPhase, Move
TABLE: dict[tuple[TalkPhase, Move], TalkPhase] = {
    (_P.ALONE, _M.AGENT_JOINS): _P.TALKING,
    (_P.DIALLING, _M.CALLER_ANSWERS): _P.TALKING,
    (_P.DIALLING, _M.AGENT_LEAVES): _P.OVER,
    (_P.TALKING, _M.HOLD): _P.HELD,
    (_P.TALKING, _M.CONSULT): _P.CALLING,
    (_P.TALKING, _M.INVITE): _P.INVITING,
    (_P.TALKING, _M.TRANSFER): _P.TRANSFERRING,
    (_P.TALKING, _M.REQUEUE): _P.ALONE,
    (_P.TALKING, _M.AGENT_LEAVES): _P.OVER,
    (_P.TALKING, _M.AGENT_IS_LOST): _P.ALONE,
    (_P.HELD, _M.RESUME): _P.TALKING,
    (_P.HELD, _M.CONSULT): _P.CALLING,
    (_P.HELD, _M.INVITE): _P.INVITING,
    (_P.HELD, _M.TRANSFER): _P.TRANSFERRING,
    (_P.HELD, _M.REQUEUE): _P.ALONE,
    (_P.HELD, _M.AGENT_LEAVES): _P.OVER,
    (_P.HELD, _M.AGENT_IS_LOST): _P.ALONE,
    (_P.CALLING, _M.THIRD_ANSWERS): _P.CONSULTING,
    (_P.CALLING, _M.THIRD_LEAVES): _P.TALKING,
    (_P.CALLING, _M.CANCEL): _P.TALKING,
    (_P.CALLING, _M.COMPLETE): _P.TRANSFERRING,
    (_P.CALLING, _M.AGENT_LEAVES): _P.TRANSFERRING,
    (_P.CONSULTING, _M.SWAP): _P.SWAPPED,
    (_P.CONSULTING, _M.CONFERENCE): _P.CONFERENCE,
    (_P.CONSULTING, _M.COMPLETE): _P.HANDED_OVER,
    (_P.CONSULTING, _M.AGENT_LEAVES): _P.HANDED_OVER,
    (_P.CONSULTING, _M.CANCEL): _P.TALKING,
    (_P.CONSULTING, _M.THIRD_LEAVES): _P.TALKING,
    (_P.SWAPPED, _M.SWAP): _P.CONSULTING,
    (_P.SWAPPED, _M.CONFERENCE): _P.CONFERENCE,
    (_P.SWAPPED, _M.COMPLETE): _P.HANDED_OVER,
    (_P.SWAPPED, _M.AGENT_LEAVES): _P.HANDED_OVER,
    (_P.SWAPPED, _M.CANCEL): _P.TALKING,
    (_P.SWAPPED, _M.THIRD_LEAVES): _P.TALKING,
    (_P.INVITING, _M.THIRD_ANSWERS): _P.CONFERENCE,
    (_P.INVITING, _M.THIRD_LEAVES): _P.TALKING,
    (_P.INVITING, _M.CANCEL): _P.TALKING,
    (_P.INVITING, _M.AGENT_LEAVES): _P.TRANSFERRING,
    (_P.CONFERENCE, _M.COMPLETE): _P.HANDED_OVER,
    (_P.CONFERENCE, _M.AGENT_LEAVES): _P.HANDED_OVER,
    (_P.CONFERENCE, _M.CANCEL): _P.TALKING,
    (_P.CONFERENCE, _M.THIRD_LEAVES): _P.TALKING,
    (_P.TRANSFERRING, _M.THIRD_ANSWERS): _P.HANDED_OVER,
    (_P.TRANSFERRING, _M.THIRD_LEAVES): _P.ALONE,
    (_P.HANDED_OVER, _M.THIRD_LEAVES): _P.OVER,
    (_P.TALKING, _M.TAKE_OVER): _P.TALKING,
    (_P.HELD, _M.TAKE_OVER): _P.TALKING,
    (_P.CALLING, _M.TAKE_OVER): _P.TALKING,
    (_P.CONSULTING, _M.TAKE_OVER): _P.TALKING,
    (_P.SWAPPED, _M.TAKE_OVER): _P.TALKING,
    (_P.INVITING, _M.TAKE_OVER): _P.TALKING,
    (_P.CONFERENCE, _M.TAKE_OVER): _P.CONFERENCE,
}

WITH_AGENT = frozenset(TalkPhase) - {TalkPhase.ALONE, TalkPhase.TRANSFERRING, TalkPhase.HANDED_OVER, TalkPhase.OVER}
"""The phases in which an agent is there."""

_TOGETHER: dict[TalkPhase, frozenset[Role]] = {
    TalkPhase.TALKING: frozenset({Role.CALLER, Role.AGENT}),
    TalkPhase.CONSULTING: frozenset({Role.AGENT, Role.THIRD}),
    TalkPhase.SWAPPED: frozenset({Role.CALLER, Role.AGENT}),
    TalkPhase.INVITING: frozenset({Role.CALLER, Role.AGENT}),
    TalkPhase.CONFERENCE: frozenset({Role.CALLER, Role.AGENT, Role.THIRD}),
    TalkPhase.HANDED_OVER: frozenset({Role.CALLER, Role.THIRD}),
}
"""Who speaks with whom; in the other phases nobody does."""


class Sound(StrEnum):
    """What is played to somebody who hears no one."""

    NONE = "none"
    MUSIC = "music"
    RING_BACK = "ring_back"


_SOUNDS: dict[TalkPhase, dict[Role, Sound]] = {
    TalkPhase.DIALLING: {Role.AGENT: Sound.RING_BACK},
    TalkPhase.HELD: {Role.CALLER: Sound.MUSIC},
    TalkPhase.CALLING: {Role.CALLER: Sound.MUSIC, Role.AGENT: Sound.RING_BACK},
    TalkPhase.CONSULTING: {Role.CALLER: Sound.MUSIC},
    TalkPhase.SWAPPED: {Role.THIRD: Sound.MUSIC},
    TalkPhase.TRANSFERRING: {Role.CALLER: Sound.MUSIC},
}


_CALLED = {TalkPhase.DIALLING: Role.CALLER, TalkPhase.CALLING: Role.THIRD}
"""Whom the agent waits for."""


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """supervision: how the leader is in the call, None while there is none.

    early: whoever is being called is heard already (their network's own tone or announcement).
    """

    phase: TalkPhase = TalkPhase.ALONE
    muted: bool = False
    early: bool = False
    supervision: Supervision | None = None


class Ear(msgspec.Struct, frozen=True):
    """What one of them hears: these people, or this sound."""

    sources: frozenset[Role] = frozenset()
    sound: Sound = Sound.NONE


def step(talk: Talk, move: Move, *, third_is_agent: bool = False) -> Talk:
    """The talk after the move; RefusedError (code not_now) when its phase does not allow it.

    third_is_agent: the third is one of our agents, and so stays as the call's agent where no other does.
    """
    phase = TABLE.get((talk.phase, move))
    if phase is None:
        raise RefusedError(
            f"'{move}' is not possible while the call is {talk.phase}",
            where="call control",
            remedy="look at the call's state, then choose again",
            code="not_now",
        )
    if phase is TalkPhase.HANDED_OVER and third_is_agent:
        phase = TalkPhase.TALKING
    muted = talk.muted and phase in WITH_AGENT and move not in _NEW_AGENT
    return msgspec.structs.replace(talk, phase=phase, muted=muted, early=False)


_NEW_AGENT = frozenset({Move.AGENT_JOINS, Move.AGENT_LEAVES, Move.COMPLETE, Move.TAKE_OVER})
"""After these another speaks for the hotline, whom nobody has muted."""


def allowed(phase: TalkPhase) -> frozenset[Move]:
    """What the table has for this phase, for whoever shows buttons."""
    return frozenset(move for at, move in TABLE if at is phase)


def hearing(talk: Talk) -> dict[Role, Ear]:
    """Who hears whom now. Whoever is not in the call is not asked for; the caller in ALONE is the menu's."""
    together = _TOGETHER.get(talk.phase, frozenset())
    audible = together - {Role.AGENT} if talk.muted else together
    sounds = _SOUNDS.get(talk.phase, {})
    ears = {
        role: Ear(audible - {role} if role in together else frozenset(), sounds.get(role, Sound.NONE))
        for role in (Role.CALLER, Role.AGENT, Role.THIRD)
    }
    if talk.early and talk.phase in _CALLED:
        ears[Role.AGENT] = Ear(frozenset({_CALLED[talk.phase]}))
    agent = frozenset({Role.AGENT}) if talk.phase in WITH_AGENT else frozenset()
    ears[Role.LEADER] = Ear(audible if talk.muted else together | agent)
    for role in _hear_the_leader(talk.supervision, together | agent, agent):
        ears[role] = Ear(ears[role].sources | {Role.LEADER}, ears[role].sound)
    return ears


def caller_talks(phase: TalkPhase) -> bool:
    """Whether the caller and one of us speak with each other, so that either may be expected to say something."""
    return Role.CALLER in _TOGETHER.get(phase, frozenset())


def _hear_the_leader(how: Supervision | None, present: frozenset[Role], agent: frozenset[Role]) -> frozenset[Role]:
    match how:
        case Supervision.WHISPER:
            return agent
        case Supervision.BARGE_IN:
            return present
        case _:
            return frozenset()
