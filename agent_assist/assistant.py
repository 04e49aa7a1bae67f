"""The assistant as a whole: from a transcript to the draft and the suggestions."""

from agent_assist.article import SAMPLE_KNOWLEDGE, load_knowledge
from agent_assist.colloquial import COLLOQUIAL, load_colloquial
from agent_assist.draft import RULES, SAMPLE_GAZETTEER, Drafter
from agent_assist.search import KnowledgeBase
from agent_assist.settings import AssistSettings
from agent_assist.transcript import Transcript
from domain.knowledge import Suggestion, SuggestionsUpdated
from domain.side import Side
from domain.speech import SpeechHealth, UtteranceFinal
from domain.ticket import DraftUpdated


class Assistant:
    """Pure and deterministic: the same transcript gives the same answer in whichever process."""

    def __init__(self, drafter: Drafter, knowledge: KnowledgeBase, suggestions: int = 3) -> None:
        self._drafter = drafter
        self._knowledge = knowledge
        self._suggestions = suggestions

    def advise(self, transcript: Transcript, at_ms: int, today: str) -> tuple[DraftUpdated, SuggestionsUpdated]:
        """Both anew after the transcript's last utterance (there must be one). at_ms: wall clock; today: ISO date."""
        matter = self._drafter.matter(transcript)
        draft = self._drafter.draft(transcript, at_ms, matter)
        suggestions = SuggestionsUpdated(
            call_id=draft.call_id,
            version=draft.version,
            at_ms=at_ms,
            after_utterance=draft.after_utterance,
            final_at_ms=draft.final_at_ms,
            suggestions=self._knowledge.suggest(transcript, self._suggestions, today, matter),
        )
        return draft, suggestions

    def search(self, query: str, limit: int, today: str) -> tuple[Suggestion, ...]:
        """The best articles for a typed query."""
        return self._knowledge.search(query, limit, today)

    def warm_up(self) -> None:
        """Read a made-up call once, so that the first real one finds every table in memory."""
        text = "您好，我姓王，小区旁边的工地半夜还在施工，电话是一三八零零一三八零零零，希望尽快处理。"
        said = UtteranceFinal(
            call_id="warm-up",
            side=Side.CALLER,
            utterance_id="warm-up",
            start_ms=0,
            end_ms=1000,
            text=text,
            char_ms=(),
            confidence=1.0,
            engine="",
            health=SpeechHealth.LIVE,
            ended_at_ms=0,
            recognised_at_ms=0,
        )
        self.advise(Transcript("warm-up", "", (said,)), 0, "2000-01-01")


def open_assistant(settings: AssistSettings) -> Assistant:
    """The assistant with the city's files, warmed up; KnowledgeError when one of them is wrong."""
    rules = settings.rules_dir or RULES
    drafter = Drafter(rules, settings.gazetteer or SAMPLE_GAZETTEER)
    spoken = rules / COLLOQUIAL.name
    colloquial = load_colloquial(spoken if spoken.exists() else COLLOQUIAL)
    knowledge = KnowledgeBase(load_knowledge(settings.knowledge_dir or SAMPLE_KNOWLEDGE), colloquial)
    assistant = Assistant(drafter, knowledge, settings.suggestions)
    assistant.warm_up()
    return assistant
