from dataclasses import fields

import numpy as np

from asr.engine_wire import Answers, Recognise, encoded, read_reply, read_wish
from asr.recogniser import Clip, Effort, Heard, LanguageGuess


def test_a_clip_travels_with_all_its_members() -> None:
    sound = np.array([0, 1, -32768, 32767], np.int16)
    clip = Clip(sound, 16000, "call.caller.1", ("投诉",), ("人工", "咨询"), asks_language=True)
    told = {member.name: getattr(clip, member.name) for member in fields(Clip)}
    assert not [
        member.name for member in fields(Clip) if member.name != "samples" and told[member.name] == member.default
    ]
    wish = read_wish(encoded(Recognise((clip,), Effort.FINAL)))
    assert isinstance(wish, Recognise)
    (received,) = wish.clips
    assert received.samples.dtype == np.int16
    assert received.samples.tolist() == told.pop("samples").tolist()
    assert {name: getattr(received, name) for name in told} == told


def test_an_answer_travels_with_the_language_that_was_guessed() -> None:
    heard = Heard("hello", 0.4, 0.1, language=LanguageGuess((("en", 0.9), ("zh", 0.02))))
    reply = read_reply(encoded(Answers([heard], 200.0)))
    assert reply == Answers([heard], 200.0)
