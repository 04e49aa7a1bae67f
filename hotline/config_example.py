"""hotline.toml.example, written from the settings themselves so that the two cannot differ."""

import json
from pathlib import Path
from textwrap import wrap
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hotline.config import Settings

HEADER = """\
# hotline.toml: the whole configuration with its defaults. Copy it, keep what you change.
# Each key can also come from the environment: HOTLINE_<SECTION>__<KEY>, e.g. HOTLINE_SERVICE__DATA_DIR=/srv/hotline.
# A wrong key is refused at start with the line and the nearest right one. Written by `hotline config example`.
"""
WIDTH = 110


def example_toml() -> str:
    """The text of hotline.toml.example."""
    parts = [HEADER]
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            parts.append(_section(name, section))
    return "\n".join(parts)


def _section(name: str, model: type[BaseModel]) -> str:
    lines = [f"[{name}]"]
    for key, field in model.model_fields.items():
        for line in wrap(field.description or "", WIDTH):
            lines.append(f"# {line}")
        lines.append(_assignment(key, field))
    return "\n".join(lines) + "\n"


def _assignment(key: str, field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None:
        return f"# {key} ="
    return f"# {key} = {_toml(value)}"


def _toml(value: Any) -> str:
    if isinstance(value, Path):
        return json.dumps(str(value))
    if isinstance(value, tuple | list | set | frozenset):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
