"""A long answer spoken clause by clause: the first is heard soon, the next one is synthesised while it plays."""

from collections.abc import Iterator

from tts.clauses import clauses
from tts.synthesiser import Sound, Synthesiser


def speak_by_clause(synthesiser: Synthesiser, text: str, voice: str, speed: float) -> Iterator[Sound]:
    """The text's sound in order, one piece for each clause; blocks for the synthesis of each when it is asked for."""
    for clause in clauses(text):
        yield synthesiser.synthesise(clause, voice, speed)
