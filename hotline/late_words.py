"""What was heard in a recording, as utterances of its call."""

from dataclasses import fields

from asr.final_words import FinalWords
from asr.offline import OfflineUtterance
from domain.side import Side
from domain.speech import SpeechHealth, UtteranceFinal


def late_final(
    said: OfflineUtterance,
    *,
    call_id: str,
    side: Side,
    utterance_id: str,
    engine: str,
    now_ms: int,
    from_ms: int = 0,
) -> UtteranceFinal:
    """from_ms: where the transcribed sound begins on the call's media clock."""
    words = {field.name: getattr(said, field.name) for field in fields(FinalWords)}
    words["char_ms"] = tuple(from_ms + ms for ms in said.char_ms)
    return UtteranceFinal(
        call_id=call_id,
        side=side,
        utterance_id=utterance_id,
        start_ms=from_ms + said.start_ms,
        end_ms=from_ms + said.end_ms,
        confidence=said.confidence,
        engine=engine,
        health=SpeechHealth.AFTER_CALL,
        ended_at_ms=now_ms,
        recognised_at_ms=now_ms,
        **words,
    )
