"""What a listener and its engine processes say to each other: msgpack messages on a pipe of multiprocessing.

Clips and answers travel as they are, with all their members; samples are little-endian int16.
"""

import msgspec
import numpy as np

from asr.recogniser import Clip, Effort, Heard, Samples
from domain.errors import AudioError, ConfigError, EngineError, HotlineError, ModelError
from domain.speech import HotWord


class Load(msgspec.Struct, frozen=True, tag=True):
    """The first message. factory: "module:function" that gives the engine for (settings, models_dir, hot_words)."""

    factory: str
    settings: str
    models_dir: str


class Recognise(msgspec.Struct, frozen=True, tag=True):
    clips: tuple[Clip, ...]
    effort: Effort


class Measure(msgspec.Struct, frozen=True, tag=True):
    """Please measure the real-time factor."""


class TakeWords(msgspec.Struct, frozen=True, tag=True):
    """The city's hot words from now on."""

    words: tuple[HotWord, ...]


class Taken(msgspec.Struct, frozen=True, tag=True):
    """The words are in use."""


class Loaded(msgspec.Struct, frozen=True, tag=True):
    name: str
    continues: bool


class Answers(msgspec.Struct, frozen=True, tag=True):
    """memory_mib: what the process holds now."""

    heard: list[Heard]
    memory_mib: float


class Measured(msgspec.Struct, frozen=True, tag=True):
    factor: float
    memory_mib: float


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The process goes on, but could not do this."""

    kind: str
    what: str
    where: str
    remedy: str


Wish = Load | Recognise | Measure | TakeWords
Reply = Loaded | Answers | Measured | Taken | Failed

_KINDS: dict[str, type[HotlineError]] = {
    kind.__name__: kind for kind in (AudioError, ConfigError, EngineError, ModelError)
}


def _bytes_of(samples: Samples) -> bytes:
    return samples.astype("<i2").tobytes()


def _samples_of(_: type, sound: bytes) -> Samples:
    return np.frombuffer(sound, "<i2").astype(np.int16)


_encoder = msgspec.msgpack.Encoder(enc_hook=_bytes_of)
_wishes = msgspec.msgpack.Decoder(Wish, dec_hook=_samples_of)
_replies = msgspec.msgpack.Decoder(Reply)


def encoded(message: Wish | Reply) -> bytes:
    return _encoder.encode(message)


def read_wish(message: bytes) -> Wish:
    wish: Wish = _wishes.decode(message)
    return wish


def read_reply(message: bytes) -> Reply:
    reply: Reply = _replies.decode(message)
    return reply


def failure(error: Exception) -> Failed:
    if isinstance(error, HotlineError) and type(error).__name__ in _KINDS:
        return Failed(type(error).__name__, error.what, error.where, error.remedy)
    return Failed(EngineError.__name__, f"{type(error).__name__}: {error}", "engine process", "see the log")


def error_of(failed: Failed) -> HotlineError:
    return _KINDS.get(failed.kind, EngineError)(failed.what, where=failed.where, remedy=failed.remedy)
