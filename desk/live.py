"""Who hears what live: an agent hears only the own calls, leaders, QA and admins what they watch."""

from dataclasses import dataclass, field

from desk import masking, metrics
from desk.outbox import LiveMessage, Outbox, live_message
from desk.views import CallSummary, CallView, InspectionView, SecondTranscriptView, UtteranceView
from domain.agent import AgentStatus
from domain.knowledge import Suggestion
from storage.tickets import Ticket
from storage.users import User, UserRole


@dataclass(eq=False)
class Viewer:
    """One open page. token_hash: its session; watched: the calls it has asked to follow."""

    user: User
    token_hash: str
    outbox: Outbox = field(default_factory=Outbox)
    watched: set[str] = field(default_factory=set)

    @property
    def is_agent(self) -> bool:
        return self.user.role is UserRole.AGENT


@dataclass(frozen=True)
class CallAudience:
    """For whom a message about a call is: its agents (one, or two while it changes hands) and those who watch it."""

    call_id: str
    agent_ids: frozenset[str]

    def includes(self, viewer: Viewer) -> bool:
        return viewer.user.agent_id in self.agent_ids or (not viewer.is_agent and self.call_id in viewer.watched)


class LiveHub:
    """The open pages of this process. Pushing never blocks."""

    def __init__(self, full_numbers_for: tuple[str, ...]) -> None:
        self._full_numbers_for = full_numbers_for
        self._viewers: set[Viewer] = set()

    @property
    def viewers(self) -> frozenset[Viewer]:
        return frozenset(self._viewers)

    def attach(self, viewer: Viewer) -> None:
        self._viewers.add(viewer)
        metrics.SOCKETS.set(len(self._viewers))

    def detach(self, viewer: Viewer) -> None:
        self._viewers.discard(viewer)
        metrics.SOCKETS.set(len(self._viewers))

    def to_everyone(self, message: LiveMessage) -> None:
        for viewer in self._viewers:
            viewer.outbox.put(message)

    def agent(self, status: AgentStatus) -> None:
        """To the agent, and to all who may watch."""
        message = live_message("agent", {"status": status}, key=f"agent.{status.agent_id}")
        for viewer in self._viewers:
            if not viewer.is_agent or viewer.user.agent_id == status.agent_id:
                viewer.outbox.put(message)

    def to_agent(self, agent_id: str, message: LiveMessage) -> None:
        for viewer in self._viewers:
            if viewer.user.agent_id == agent_id:
                viewer.outbox.put(message)

    def call(self, audience: CallAudience, view: CallView) -> None:
        self._push(audience, _call(view), _call(masking.mask_call(view)))

    def call_to(self, viewer: Viewer, audience: CallAudience, view: CallView) -> None:
        """To this viewer alone, who has just begun to watch."""
        viewer.outbox.put(_call(view if self._sees(viewer, audience) else masking.mask_call(view)))

    def summary(self, summary: CallSummary) -> None:
        """A line of the list of calls has changed: to all who may watch."""
        key = f"summary.{summary.call_id}"
        full = live_message("summary", {"call": summary}, key=key)
        masked = live_message("summary", {"call": masking.mask_summary(summary)}, key=key)
        for viewer in self._viewers:
            if not viewer.is_agent:
                viewer.outbox.put(full if self._in_full(viewer) else masked)

    def utterance(self, audience: CallAudience, utterance: UtteranceView) -> None:
        self._push(audience, _said(utterance), _said(masking.mask_utterance(utterance)))

    def ticket(self, audience: CallAudience, ticket: Ticket, final_at_ms: int | None = None) -> None:
        """final_at_ms: when the words that it follows were recognised (Unix, ms); None when an agent changed it."""

        def message(shown: Ticket) -> LiveMessage:
            members: dict[str, object] = {"ticket": shown, "final_at_ms": final_at_ms}
            return live_message("ticket", members, key=f"ticket.{ticket.call_id}")

        self._push(audience, message(ticket), message(masking.mask_ticket(ticket)))

    def suggestions(
        self, audience: CallAudience, suggestions: tuple[Suggestion, ...], final_at_ms: int | None = None
    ) -> None:
        def message(shown: tuple[Suggestion, ...]) -> LiveMessage:
            members: dict[str, object] = {
                "call_id": audience.call_id,
                "suggestions": shown,
                "final_at_ms": final_at_ms,
            }
            return live_message("suggestions", members, key=f"suggestions.{audience.call_id}")

        self._push(audience, message(suggestions), message(masking.mask_suggestions(suggestions)))

    def inspection(self, audience: CallAudience, inspection: InspectionView) -> None:
        def message(shown: InspectionView) -> LiveMessage:
            members: dict[str, object] = {"call_id": audience.call_id, "inspection": shown}
            return live_message("inspection", members, key=f"inspection.{audience.call_id}")

        self._push(audience, message(inspection), message(masking.mask_inspection(inspection)))

    def second_transcript(self, audience: CallAudience, second: SecondTranscriptView) -> None:
        def message(shown: SecondTranscriptView) -> LiveMessage:
            members: dict[str, object] = {"call_id": audience.call_id, "second_transcript": shown}
            return live_message("second_transcript", members, key=f"second_transcript.{audience.call_id}")

        self._push(audience, message(second), message(masking.mask_second(second)))

    def about_call(self, audience: CallAudience, message: LiveMessage) -> None:
        """Something without personal data."""
        self._push(audience, message, message)

    def has_listeners(self, audience: CallAudience) -> bool:
        return any(audience.includes(viewer) for viewer in self._viewers)

    def _push(self, audience: CallAudience, full: LiveMessage, masked: LiveMessage) -> None:
        for viewer in self._viewers:
            if audience.includes(viewer):
                viewer.outbox.put(full if self._sees(viewer, audience) else masked)

    def _sees(self, viewer: Viewer, audience: CallAudience) -> bool:
        return viewer.user.agent_id in audience.agent_ids or self._in_full(viewer)

    def _in_full(self, viewer: Viewer) -> bool:
        return viewer.user.role.value in self._full_numbers_for


def _call(view: CallView) -> LiveMessage:
    return live_message("call", {"call": view}, key=f"call.{view.call_id}")


def _said(utterance: UtteranceView) -> LiveMessage:
    members: dict[str, object] = {name: getattr(utterance, name) for name in UtteranceView.__struct_fields__}
    # What takes words back is not dropped: nothing comes after it that would.
    partial = not utterance.final and utterance.text != ""
    return live_message("utterance", members, key=f"utterance.{utterance.utterance_id}", partial=partial)
