"""The draft ticket of a call: all fields anew from the whole transcript, each with the words it came from."""

from pathlib import Path

from agent_assist.appeal_type import load_appeal_rules
from agent_assist.callback_number import find_callback_number
from agent_assist.caller_name import find_caller_name
from agent_assist.category import ChosenCategory, load_categories
from agent_assist.department import load_dispatch
from agent_assist.gazetteer import load_gazetteer
from agent_assist.heard_surely import weighed
from agent_assist.location import find_location
from agent_assist.summary import summarise
from agent_assist.title import entitle
from agent_assist.transcript import Transcript
from agent_assist.urgency import load_urgency_rules
from domain.ticket import DraftField, DraftUpdated

RULES = Path(__file__).parent / "rules"
SAMPLE_GAZETTEER = Path(__file__).parent / "sample_city" / "gazetteer.yaml"


class Drafter:
    """Holds the city's words; findings are remembered by an utterance's text, so a growing call stays cheap."""

    def __init__(self, rules: Path = RULES, gazetteer: Path = SAMPLE_GAZETTEER) -> None:
        """KnowledgeError (file:line, field, remedy) when a rule file or the gazetteer is wrong."""
        self.scheme = load_categories(rules / "categories.yaml")
        self._dispatch = load_dispatch(rules / "dispatch.yaml")
        self._dispatch.require((each.unit for each in self.scheme.categories), str(rules / "dispatch.yaml"))
        self._appeals = load_appeal_rules(rules / "appeal_type.yaml")
        self._urgencies = load_urgency_rules(rules / "urgency.yaml")
        self._gazetteer = load_gazetteer(gazetteer)

    def fields(self, transcript: Transcript) -> tuple[DraftField, ...]:
        """The fields that the transcript gives, in the order of the ticket; deterministic, never raises."""
        return self._fields(transcript, self.matter(transcript))

    def matter(self, transcript: Transcript) -> ChosenCategory | None:
        """The category alone, with what belongs to it."""
        return self.scheme.choose(transcript)

    def _fields(self, transcript: Transcript, category: ChosenCategory | None) -> tuple[DraftField, ...]:
        location = find_location(transcript, self._gazetteer)
        appeal = self._appeals.choose(transcript, category)
        fields = (
            appeal,
            entitle(transcript, location, category, appeal),
            summarise(transcript, (self._gazetteer.lexicon, self.scheme.lexicon), appeal, location),
            category.as_field() if category else None,
            location.as_field() if location else None,
            find_caller_name(transcript),
            find_callback_number(transcript),
            self._urgencies.choose(transcript, category, appeal),
            self._dispatch.choose(category, location) if category else None,
        )
        return tuple(weighed(field, transcript) for field in fields if field is not None and field.evidence)

    def draft(self, transcript: Transcript, at_ms: int, matter: ChosenCategory | None) -> DraftUpdated:
        """The draft after the transcript's last utterance (there must be one). at_ms: wall clock now; matter: as from
        `matter`, so that it is computed once."""
        last = transcript.utterances[-1]
        return DraftUpdated(
            call_id=transcript.call_id,
            version=transcript.version,
            at_ms=at_ms,
            after_utterance=last.utterance_id,
            final_at_ms=last.recognised_at_ms,
            fields=self._fields(transcript, matter),
        )
