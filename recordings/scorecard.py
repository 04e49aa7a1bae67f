"""The score sheet of quality inspection: an editable default, not a national rule."""

from pathlib import Path
from typing import Any

import msgspec
import yaml

from domain.errors import ConfigError

DEFAULT_SCORECARD = Path(__file__).with_name("scorecard.yaml")


class PhraseRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule about an agent's words.

    kind: `required` costs `points` when none of `phrases` is said, `forbidden` costs them for each time one is said.
    within: `first` or `last` utterances of the agent (two of them), `any` everywhere.
    """

    rule: str
    title: str
    kind: str
    points: int
    phrases: tuple[str, ...]
    within: str = "any"


class Scorecard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """longest_silence_s: nobody speaks for longer: `silence_points` are lost, once for each time."""

    name: str
    longest_silence_s: float
    silence_points: int
    rules: tuple[PhraseRule, ...]


def load_scorecard(file: Path = DEFAULT_SCORECARD) -> Scorecard:
    """The score sheet of `file`; ConfigError says what is wrong where."""
    try:
        values: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        card = msgspec.convert(values, Scorecard)
    except OSError as error:
        raise ConfigError(
            f"cannot be read ({error.strerror})", where=str(file), remedy="name an existing file"
        ) from error
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise ConfigError(
            f"not a score sheet: {error}", where=str(file), remedy=f"compare it with {DEFAULT_SCORECARD.name}"
        ) from error
    for rule in card.rules:
        if rule.kind not in {"required", "forbidden"} or rule.within not in {"first", "last", "any"}:
            raise ConfigError(
                f"rule '{rule.rule}' has kind '{rule.kind}', within '{rule.within}'",
                where=str(file),
                remedy="kind is required or forbidden; within is first, last or any",
            )
    return card
