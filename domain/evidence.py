"""Why we say what we say: whatever is derived carries the words it came from."""

import msgspec

CALLER_ID = "caller_id"


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Where a derived value comes from.

    utterance_id: the utterance; CALLER_ID when the value comes from the call's signalling.
    chars: half-open range of characters in the utterance's text (0, 0 with CALLER_ID).
    ms: the same on the call's media clock.
    quote: the words themselves.
    rule: the name of the rule or model that derived it.
    """

    utterance_id: str
    chars: tuple[int, int]
    ms: tuple[int, int]
    quote: str
    rule: str
