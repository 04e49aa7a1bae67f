"""What a ticket must hold before it is submitted, and what its fields may hold. Pure.

A city standard asks for name, unit or address, telephone, time and content; time is the call's own, and a caller may
stay unnamed, so there must be a way to come back to the matter: a telephone or a place.
"""

from domain.ticket import AppealType, FieldName, Urgency
from storage.tickets import Ticket

REQUIRED: tuple[tuple[FieldName, ...], ...] = (
    (FieldName.APPEAL_TYPE,),
    (FieldName.TITLE,),
    (FieldName.SUMMARY,),
    (FieldName.CALLBACK_NUMBER, FieldName.LOCATION),
)
"""Of each group at least one."""

_CHOICES: dict[FieldName, tuple[str, ...]] = {
    FieldName.APPEAL_TYPE: tuple(AppealType),
    FieldName.URGENCY: tuple(Urgency),
}
_LONGEST = {FieldName.SUMMARY: 4000, FieldName.TITLE: 100}
_LONGEST_OTHER = 300


def missing_fields(ticket: Ticket) -> list[FieldName]:
    """The first of each group of which none is filled in."""
    return [group[0] for group in REQUIRED if not any(ticket.fields[name].value.strip() for name in group)]


def wrong_value(name: FieldName, value: str) -> str:
    """Why the field cannot hold this; empty when it can. Nothing (an empty value) can always be held."""
    longest = _LONGEST.get(name, _LONGEST_OTHER)
    if len(value) > longest:
        return f"{name.value} is longer than {longest} characters"
    if "\x00" in value:
        return f"{name.value} holds a character that is no text"
    choices = _CHOICES.get(name)
    if value and choices and value not in choices:
        return f"{name.value} must be one of {'、'.join(choices)}"
    return ""
