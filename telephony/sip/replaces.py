"""The Replaces header (RFC 3891), pure: which call a new one takes the place of."""

import msgspec


class Replaces(msgspec.Struct, frozen=True, kw_only=True):
    """call_id, our_tag, their_tag: of the dialog, seen from us. early_only: only if it is not answered yet."""

    call_id: str
    our_tag: str
    their_tag: str
    early_only: bool = False


def read_replaces(text: str) -> Replaces | None:
    """Out of a header's value; None when it is not complete or says something twice."""
    call_id, *parameters = (part.strip() for part in text.split(";"))
    values: dict[str, str] = {}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() in values:
            return None
        values[name.strip().lower()] = value.strip()
    ours, theirs = values.get("to-tag", ""), values.get("from-tag", "")
    if not call_id or not ours or not theirs:
        return None
    return Replaces(call_id=call_id, our_tag=ours, their_tag=theirs, early_only="early-only" in values)
