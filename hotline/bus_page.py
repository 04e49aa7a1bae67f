"""docs/bus.md: every subject with its type and fields, written from domain/topics.py (`hotline config bus`)."""

import inspect
from collections.abc import Iterator
from types import UnionType
from typing import Any, get_args

import msgspec
import msgspec.inspect

from domain import topics
from domain.topic import Codec, Service, Topic

HEADER = """\
# The bus

Written from `domain/topics.py` by `hotline config bus`; a test compares. `*` stands for one key (a call, a side, an
agent, an extension). Stored topics are kept in JetStream streams (`bus/streams.py`) and heard at least once by each
named consumer; the others are heard by who listens now. Values are JSON, with the field `type` where several kinds
share a subject; audio is binary (`domain/audio.py`).
"""


def bus_page() -> str:
    """The text of docs/bus.md."""
    lines = [HEADER]
    kinds: dict[str, type] = {}
    lines += ["| subject | said | stored |", "| --- | --- | --- |"]
    for topic in (value for value in vars(topics).values() if isinstance(value, Topic)):
        said = list(_kinds(topic.codec))
        kinds |= {kind.__name__: kind for kind in said}
        lines.append(
            f"| `{topic.pattern}` | {', '.join(kind.__name__ for kind in said)} | {'yes' if topic.stored else ''} |"
        )
    lines += ["", "| request | question | answer |", "| --- | --- | --- |"]
    for service in (value for value in vars(topics).values() if isinstance(value, Service)):
        question, answer = list(_kinds(service.question)), list(_kinds(service.answer))
        kinds |= {kind.__name__: kind for kind in (*question, *answer)}
        names = [", ".join(kind.__name__ for kind in side) for side in (question, answer)]
        lines.append(f"| `{service.pattern}` | {names[0]} | {names[1]} |")
    for name, kind in sorted(kinds.items()):
        lines += ["", f"## {name}", "", *_describe(kind)]
    return "\n".join(lines) + "\n"


def _kinds(codec: Codec[Any]) -> Iterator[type]:
    of = codec.of
    yield from get_args(of) if isinstance(of, UnionType) else (of,)


def _describe(kind: type) -> Iterator[str]:
    # A struct without a docstring of its own is shown its parent's by inspect: only its own words count here.
    own = kind.__dict__.get("__doc__")
    if own:
        yield from inspect.cleandoc(own).splitlines()
        yield ""
    tag = msgspec.inspect.type_info(kind)
    if isinstance(tag, msgspec.inspect.StructType) and tag.tag is not None:
        yield f"- `type`: `{tag.tag}`"
    for field in msgspec.structs.fields(kind):
        yield f"- `{field.name}`: {_type_name(field.type)}"


def _type_name(of: Any) -> str:
    return of.__name__ if isinstance(of, type) and not get_args(of) else str(of).replace("domain.", "")
