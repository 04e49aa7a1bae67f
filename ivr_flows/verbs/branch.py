"""branch: where to go, by what the `listen` before it ended with."""

import msgspec
from yaml.nodes import ScalarNode, SequenceNode

from domain.errors import FlowError
from ivr_flows.ear import Heard, HeardKind
from ivr_flows.events import FlowEvent
from ivr_flows.section import Section, nearest
from ivr_flows.state import FlowState, GoTo, Turn
from ivr_flows.verbs.listen import contains_any

DIGITS = "0123456789*#"
_CONDITIONS = ("key", "speech", "silence", "fault", "otherwise")
ANY = "any"


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """One way out. kind None: otherwise. key: "" for any; words: () for any."""

    line: int
    goto: str
    kind: HeardKind | None = None
    key: str = ""
    words: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """For the graph and for messages."""
        match self.kind:
            case None:
                return "otherwise"
            case HeardKind.KEY:
                return f"key {self.key or ANY}"
            case HeardKind.SPEECH:
                return "speech " + ("、".join(self.words) or ANY)
            case HeardKind.SILENCE | HeardKind.FAULT:
                return self.kind.value

    def takes(self, heard: Heard | None) -> bool:
        if self.kind is None:
            return True
        if heard is None or heard.kind is not self.kind:
            return False
        match self.kind:
            case HeardKind.KEY:
                return self.key in ("", heard.text)
            case HeardKind.SPEECH:
                return not self.words or contains_any(heard.text, self.words)
        return True


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """The first arm that fits is taken; the last one is 'otherwise', so one always fits."""

    line: int
    arms: tuple[Arm, ...]

    @property
    def urgent(self) -> tuple[str, ...]:
        """Words worth interrupting an utterance for."""
        return tuple(word for arm in self.arms for word in arm.words)

    @property
    def closed(self) -> bool:
        """Whether speech leads on by its words only: no arm takes any speech."""
        return bool(self.urgent) and not any(arm.kind is HeardKind.SPEECH and not arm.words for arm in self.arms)

    def begin(self, state: FlowState, now_ms: int) -> Turn:
        arm = next(arm for arm in self.arms if arm.takes(state.heard))
        return Turn(state, (), GoTo(arm.goto))

    def on_event(self, state: FlowState, event: FlowEvent, now_ms: int) -> Turn:
        return self.begin(state, now_ms)


def read_arm(section: Section) -> Arm:
    """`{key: 0, goto: …}`, `{speech: any | [words], goto: …}`, `{silence|fault|otherwise: yes, goto: …}` and their
    short form without `yes` is refused, so that there is one way to write it."""
    section.only(*_CONDITIONS, "goto")
    named = [name for name in _CONDITIONS if name in section.values]
    if len(named) != 1:
        raise section.error("an arm needs exactly one condition", f"one of {', '.join(_CONDITIONS)}")
    line, goto = section.line, section.text("goto")
    match named[0]:
        case "key":
            return Arm(line=line, goto=goto, kind=HeardKind.KEY, key=_read_key(section))
        case "speech":
            return Arm(line=line, goto=goto, kind=HeardKind.SPEECH, words=_read_words(section))
        case "otherwise":
            return Arm(line=line, goto=goto)
        case name:
            return Arm(line=line, goto=goto, kind=HeardKind(name))


def _read_key(section: Section) -> str:
    key = section.text("key")
    if key == ANY:
        return ""
    if len(key) != 1 or key not in DIGITS:
        raise section.error(f"'{key}' is not a key", f"one of {DIGITS} (in quotes), or any", section.values["key"])
    return key


def _read_words(section: Section) -> tuple[str, ...]:
    node = section.values["speech"]
    if isinstance(node, ScalarNode):
        written = section.text("speech")
        if written != ANY:
            raise section.error(f"'speech' is '{written}'", nearest(written, (ANY, "[words, …]")), node)
        return ()
    if not isinstance(node, SequenceNode) or not node.value:
        raise section.error("'speech' must be 'any' or a list of words", "write speech: [人工, 转人工]", node)
    words = tuple(section.scalar(word, "a word") for word in node.value)
    plain = tuple("".join(character for character in word if character.isalnum()) for word in words)
    if not all(plain):
        raise section.error("a word has no letters", "write the word as it is said", node)
    return plain


def check_arms(arms: tuple[Arm, ...], section: Section) -> None:
    """FlowError when an arm can never be taken or none may fit."""
    seen: set[tuple[HeardKind | None, str, tuple[str, ...]]] = set()
    for index, arm in enumerate(arms):
        condition = (arm.kind, arm.key, arm.words)
        if condition in seen or (arm.kind is None and index < len(arms) - 1):
            where = f"{section.file}:{arm.line}"
            remedy = "keep one of two like arms, and 'otherwise' last"
            raise FlowError(f"the arm '{arm.label}' hides another", where=where, remedy=remedy)
        seen.add(condition)
    if arms[-1].kind is not None:
        raise section.error("a branch must end with 'otherwise'", "add '- {otherwise: yes, goto: …}' as its last arm")
