"""The two sides of a conversation; the caller is the left channel of every recording."""

from enum import StrEnum


class Side(StrEnum):
    CALLER = "caller"
    AGENT = "agent"
