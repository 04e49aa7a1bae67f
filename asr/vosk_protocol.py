"""The messages of vosk-server's WebSocket protocol, both directions."""

import msgspec

from domain.errors import EngineError

EOF = '{"eof" : 1}'
"""Written as the reference client writes it: the reference server compares the text."""


class Config(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the sound will come. sample_rate: samples a second; phrase_list: a menu, nothing else will be heard."""

    sample_rate: float = 0
    words: bool | int = True
    phrase_list: list[str] | None = None


class SpokenWord(msgspec.Struct, frozen=True):
    """start, end: seconds from the beginning of the connection's sound; conf: 0..1."""

    word: str
    start: float
    end: float
    conf: float = 1.0


class Spoken(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer: a partial has only `partial`, a result has `text` and, if words were asked for, `result`."""

    partial: str = ""
    result: list[SpokenWord] | None = None
    text: str | None = None

    @property
    def is_result(self) -> bool:
        return self.text is not None


class _Asked(msgspec.Struct):
    config: Config | None = None
    eof: int = 0


def config_message(config: Config) -> str:
    return msgspec.json.encode({"config": config}).decode()


def read_answer(message: str | bytes, where: str) -> Spoken:
    """A server's answer; EngineError when it is none."""
    try:
        return msgspec.json.decode(message, type=Spoken)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise EngineError(
            f"not an answer of this protocol: {error}", where=where, remedy="name a vosk-server in [asr] remote_url"
        ) from error


def spoken_message(spoken: Spoken) -> str:
    """As vosk writes it: a partial has its field even when it is empty."""
    if not spoken.is_result:
        return msgspec.json.encode({"partial": spoken.partial}).decode()
    return msgspec.json.encode(spoken).decode()


def read_request(message: str, where: str) -> Config | None:
    """What a client says in words: a configuration, or (None) that no more sound will come. EngineError for others."""
    try:
        asked = msgspec.json.decode(message, type=_Asked)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise EngineError(f"not a request of this protocol: {error}", where=where, remedy=_SAYING) from error
    if asked.config is None and not asked.eof:
        raise EngineError("neither config nor eof", where=where, remedy=_SAYING)
    return asked.config


_SAYING = 'send {"config": {"sample_rate": 8000}}, then binary 16-bit PCM, then {"eof": 1}'
