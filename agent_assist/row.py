"""Rows of the data files (YAML lists, CSV with a header), each with the line where it starts."""

import csv
from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from domain.errors import KnowledgeError

_LINE = "__line__"
T = TypeVar("T", bound=msgspec.Struct)


class Row(msgspec.Struct, frozen=True):
    """where: file:line of the row's first line; values: its fields as the file has them."""

    where: str
    values: dict[str, Any]

    def read_as(self, kind: type[T]) -> T:
        """The row as a struct of `kind`; KnowledgeError names the line and the field."""
        try:
            return msgspec.convert(self.values, kind)
        except msgspec.ValidationError as error:
            known = ", ".join(field.encode_name for field in msgspec.structs.fields(kind))
            raise KnowledgeError(
                str(error), where=self.where, remedy=f"mend the field; known fields: {known}"
            ) from error


class _LineLoader(yaml.SafeLoader):
    """Notes each mapping's line, refuses a key that stands twice, and leaves dates as text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the base class declares it so
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                raise yaml.constructor.ConstructorError(None, None, f"field '{key}' stands twice", node.start_mark)
        mapping = super().construct_mapping(node, deep)
        mapping[_LINE] = node.start_mark.line + 1
        return mapping


def read_rows(file: Path) -> list[Row]:
    """All rows of a .yaml or .csv file; KnowledgeError when it cannot be read, is empty or has another shape."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise KnowledgeError(f"cannot read it ({error.strerror})", where=str(file), remedy="check the path") from error
    except UnicodeDecodeError as error:
        raise KnowledgeError("it is not UTF-8 text", where=str(file), remedy="save it as UTF-8") from error
    rows = _csv_rows(file, text) if file.suffix == ".csv" else _yaml_rows(file, text)
    if not rows:
        raise KnowledgeError("it holds no entries", where=str(file), remedy="add at least one, or remove the file")
    return rows


def _yaml_rows(file: Path, text: str) -> list[Row]:
    try:
        content = yaml.load(text, Loader=_LineLoader)  # noqa: S506 - derived from SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{file}:{mark.line + 1}" if mark else str(file)
        raise KnowledgeError(f"not valid YAML: {error.problem}", where=where, remedy="mend the line") from error
    except yaml.YAMLError as error:
        raise KnowledgeError(f"not valid YAML: {error}", where=str(file), remedy="mend the file") from error
    if not isinstance(content, list | None):
        raise KnowledgeError("it must be a list of entries", where=f"{file}:1", remedy="start each entry with '- id:'")
    rows = []
    for place, entry in enumerate(content or [], 1):
        if not isinstance(entry, dict):
            raise KnowledgeError(
                f"entry {place} is no mapping of fields", where=str(file), remedy="write 'field: value' lines"
            )
        rows.append(Row(f"{file}:{entry[_LINE]}", {str(k): v for k, v in entry.items() if k != _LINE}))
    return rows


def _csv_rows(file: Path, text: str) -> list[Row]:
    reader = csv.DictReader(text.splitlines(keepends=True))
    rows = []
    try:
        for values in reader:
            where = f"{file}:{reader.line_num}"
            if None in values or None in values.values():
                raise KnowledgeError(
                    f"the row has not the header's {len(reader.fieldnames or ())} columns",
                    where=where,
                    remedy="quote cells that hold commas",
                )
            rows.append(Row(where, {str(key).strip(): value for key, value in values.items()}))
    except csv.Error as error:
        raise KnowledgeError(f"not valid CSV: {error}", where=f"{file}:{reader.line_num}", remedy="mend it") from error
    return rows
