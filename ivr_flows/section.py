"""One mapping of a flow file, read strictly: every mistake names file and line, and the nearest right word."""

import difflib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from domain.errors import FlowError

Choice = TypeVar("Choice", bound=StrEnum)


def compose_file(file: Path) -> "Section":
    """The whole file as a mapping; FlowError when it cannot be read or is no YAML mapping."""
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise FlowError(
            f"cannot read it ({error.strerror})", where=str(file), remedy="name an existing flow file"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + 1}" if mark else str(file)
        problem = getattr(error, "problem", None) or error
        raise FlowError(f"not valid YAML: {problem}", where=where, remedy="mend this line") from error
    if root is None:
        raise FlowError("it is empty", where=str(file), remedy="write a flow; see ivr_flows/flows/default.yaml")
    return Section(file, root, "a flow")


def nearest(word: str, known: Iterable[str]) -> str:
    """A remedy that names the nearest known word, or all of them."""
    words = list(known)
    near = difflib.get_close_matches(word, words, 1)
    return f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(words)}"


class Section:
    """A mapping with its place in the file. what: for messages ('the verb say')."""

    def __init__(self, file: Path, node: Node, what: str) -> None:
        self.file = file
        self.what = what
        self.line = node.start_mark.line + 1
        self.values: dict[str, Node] = {}
        self.lines: dict[str, int] = {}
        if not isinstance(node, MappingNode):
            raise self.error(f"{what} must be a mapping of 'name: value'", "indent 'name: value' lines under it")
        for key, value in node.value:
            name = self.scalar(key, f"a name in {what}")
            if name in self.values:
                raise self.error(f"'{name}' stands twice in {what}", "keep one of the two", key)
            self.values[name] = value
            self.lines[name] = key.start_mark.line + 1

    def error(self, problem: str, remedy: str, node: Node | None = None) -> FlowError:
        """A FlowError at this node's line, or the section's."""
        line = node.start_mark.line + 1 if node is not None else self.line
        return FlowError(problem, where=f"{self.file}:{line}", remedy=remedy)

    def only(self, *known: str) -> None:
        """FlowError for the first name that is not known here."""
        for name in self.values:
            if name not in known:
                problem = f"'{name}' is not a part of {self.what}"
                raise FlowError(problem, where=f"{self.file}:{self.lines[name]}", remedy=nearest(name, known))

    def scalar(self, node: Node, what: str) -> str:
        """The node's characters as they are written (so that `key: 0` is "0")."""
        if not isinstance(node, ScalarNode) or not node.value.strip():
            raise self.error(f"{what} must be a text", "write one value on this line", node)
        return str(node.value).strip()

    def items(self, name: str) -> list[Node]:
        """The list under this name; FlowError when it is missing, empty or no list."""
        node = self._required(name)
        if not isinstance(node, SequenceNode) or not node.value:
            raise self.error(f"'{name}' must be a list", "begin each entry with '- '", node)
        return list(node.value)

    def text(self, name: str, default: str | None = None) -> str:
        if default is not None and name not in self.values:
            return default
        return self.scalar(self._required(name), f"'{name}'")

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number of low..high."""
        if name not in self.values:
            return default
        node = self.values[name]
        written = self.scalar(node, f"'{name}'")
        if not written.isascii() or not written.lstrip("-").isdigit() or not low <= int(written) <= high:
            raise self.error(f"'{name}' is {written}", f"write a whole number from {low} to {high}", node)
        return int(written)

    def choice(self, name: str, kind: type[Choice], default: Choice) -> Choice:
        if name not in self.values:
            return default
        node = self.values[name]
        written = self.scalar(node, f"'{name}'")
        known = [member.value for member in kind]
        if written not in known:
            raise self.error(f"'{name}' is '{written}'", nearest(written, known), node)
        return kind(written)

    def _required(self, name: str) -> Node:
        if name not in self.values:
            raise self.error(f"{self.what} lacks '{name}'", f"add '{name}: …'")
        return self.values[name]
