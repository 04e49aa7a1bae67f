"""Typed subjects of the bus: what may be said where."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

Message = TypeVar("Message")
Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Codec(Generic[Message]):
    """How values of one type become bytes and come back; msgspec JSON unless told otherwise."""

    def __init__(
        self,
        of: Any,
        encode: Callable[[Message], bytes] | None = None,
        decode: Callable[[bytes], Message] | None = None,
    ) -> None:
        self.of = of
        self.encode: Callable[[Message], bytes] = encode or msgspec.json.Encoder().encode
        self.decode: Callable[[bytes], Message] = decode or msgspec.json.Decoder(of).decode


class _Subject:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._keys = pattern.count("*")
        self._form = pattern.replace("%", "%%").replace("*", "%s")

    def subject(self, *keys: str) -> str:
        """The concrete subject, one key for each `*` of the pattern; without keys the pattern itself (everyone's)."""
        if not keys:
            return self.pattern
        if len(keys) != self._keys:
            raise ValueError(f"{self.pattern} takes {self._keys} keys, not {len(keys)}")
        return self._form % keys

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.pattern})"


class Topic(_Subject, Generic[Message]):
    """A subject on which one type of value is said, e.g. `call.*.event`. stored: a JetStream stream keeps it."""

    def __init__(self, pattern: str, codec: Codec[Message], *, stored: bool = False) -> None:
        super().__init__(pattern)
        self.codec = codec
        self.stored = stored


class Service(_Subject, Generic[Question, Answer]):
    """A subject on which one type of question is asked and one type of answer given."""

    def __init__(self, pattern: str, question: Codec[Question], answer: Codec[Answer]) -> None:
        super().__init__(pattern)
        self.question = question
        self.answer = answer
