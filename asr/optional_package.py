"""Packages that only some engines need: imported where used, with one error that says what to install."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from domain.errors import ConfigError


def optional_package(module: str, engine: str) -> Any:
    """The module; ConfigError when it is not installed. engine: as in [asr] engine, which is also the extra's name."""
    try:
        return import_module(module)
    except ImportError as error:
        raise _missing(module, engine, f"which does not load: {error}") from error


def look_for_package(module: str, engine: str) -> None:
    """As optional_package without loading it: Kaldi's libraries do not bear each other in one process."""
    if find_spec(module) is None:
        raise _missing(module, engine, "which is not installed")


def _missing(module: str, engine: str, why: str) -> ConfigError:
    return ConfigError(
        f"the engine {engine} needs the package {module}, {why}",
        where="[asr] engine",
        remedy=f"pip install 'hotline12345[{engine}]', or choose another engine",
    )
