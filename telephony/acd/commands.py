"""What an agent may ask of the queue now, and the event that it becomes."""

from domain.acd import QueueAgent
from domain.acd_event import AcdEvent, AgentBecameReady, AgentForced, AgentSignedIn, AgentSignedOut, AgentTookBreak
from domain.agent import AgentCommand, AgentState, ForceState, SetReady, SignIn, SignOut, TakeBreak
from domain.errors import RefusedError
from telephony.acd.state import AcdState

_BUSY = (AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP)


def event_of_command(state: AcdState, agent_id: str, command: AgentCommand, event_id: str, at_ms: int) -> AcdEvent:
    """The event to log. RefusedError says why the agent's present state does not allow the command."""
    if isinstance(command, SignIn):
        _check_sign_in(state, agent_id, command)
        return AgentSignedIn(
            event_id=event_id,
            at_ms=at_ms,
            agent_id=agent_id,
            name=command.name,
            extension=command.extension,
            queues=command.queues,
            skills=command.skills,
            auto_answer=command.auto_answer,
        )
    agent = state.agents.get(agent_id)
    if agent is None:
        raise RefusedError("not signed in", where=agent_id, remedy="sign in first", code="not_signed_in")
    match command:
        case SetReady():
            _check_ready(state, agent)
            return AgentBecameReady(event_id=event_id, at_ms=at_ms, agent_id=agent_id)
        case TakeBreak(reason=reason):
            return AgentTookBreak(event_id=event_id, at_ms=at_ms, agent_id=agent_id, reason=reason)
        case SignOut():
            if agent.state is AgentState.TALKING:
                raise RefusedError("still talking", where=agent_id, remedy="end the call first", code="talking")
            return AgentSignedOut(event_id=event_id, at_ms=at_ms, agent_id=agent_id)
        case ForceState(state=forced, by=by, reason=reason):
            if forced == "ready":
                _check_ready(state, agent)
            return AgentForced(event_id=event_id, at_ms=at_ms, agent_id=agent_id, state=forced, by=by, reason=reason)


def _check_ready(state: AcdState, agent: QueueAgent) -> None:
    """Whether the agent can take calls now; one who talks can take back what was to come after the call."""
    after_call = agent.break_after is not None or agent.sign_out_after
    if agent.state is AgentState.TALKING and not after_call:
        raise RefusedError("still talking", where=agent.agent_id, remedy="end the call first", code="talking")
    if agent.state is AgentState.RINGING:
        remedy = "answer it, or take a break"
        raise RefusedError("a call is ringing", where=agent.agent_id, remedy=remedy, code="ringing")
    phone = state.phones.get(agent.extension)
    if phone is None or not phone.registered:
        raise RefusedError(
            f"phone {agent.extension} is not registered",
            where=agent.agent_id,
            remedy="switch it on and wait for its registration",
            code="phone_unregistered",
        )


def _check_sign_in(state: AcdState, agent_id: str, command: SignIn) -> None:
    holder = state.agents.get(state.desks.get(command.extension, ""))
    if holder is not None and holder.agent_id != agent_id:
        raise RefusedError(
            f"phone {command.extension} is used by {holder.name or holder.agent_id}",
            where=agent_id,
            remedy="choose another phone, or let them sign out",
            code="phone_taken",
        )
    agent = state.agents.get(agent_id)
    if agent is not None and agent.extension != command.extension and agent.state in _BUSY:
        raise RefusedError(
            f"busy at phone {agent.extension} ({agent.state})",
            where=agent_id,
            remedy="finish the call first",
            code="busy",
        )
