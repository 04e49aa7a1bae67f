"""Whatever the assistant drafts and the agent edits, in whatever order: what the agent wrote stands."""

from hypothesis import given
from hypothesis import strategies as st

from domain.evidence import Evidence
from domain.ticket import DraftField, DraftUpdated, FieldName
from storage.tickets import merge

values = st.text(max_size=5)
edits = st.dictionaries(st.sampled_from(FieldName), values)
drafts = st.lists(st.dictionaries(st.sampled_from(FieldName), values.filter(bool)), min_size=1, max_size=4)


def draft(version: int, fields: dict[FieldName, str]) -> DraftUpdated:
    evidence = (Evidence(utterance_id="u", chars=(0, 1), ms=(0, 1), quote="x", rule="r"),)
    return DraftUpdated(
        call_id="c",
        version=version,
        at_ms=0,
        after_utterance="u",
        final_at_ms=0,
        fields=tuple(
            DraftField(name=name, value=value, confidence=1, evidence=evidence) for name, value in fields.items()
        ),
    )


@given(edits, drafts)
def test_an_edited_field_shows_the_edit_under_every_draft(edited, proposals):
    by_name = {name.value: value for name, value in edited.items()}
    for version, proposal in enumerate(proposals, 1):
        fields = merge(draft(version, proposal), by_name)
        assert list(fields) == [name.value for name in FieldName]
        for name in FieldName:
            field = fields[name.value]
            assert field.edited == (name in edited)
            assert field.value == edited.get(name, proposal.get(name, ""))
            assert field.draft_value == proposal.get(name, "")
            assert bool(field.evidence) == (name in proposal)
