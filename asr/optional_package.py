"""Packages that only some engines need: imported where used, with one error that says what to install."""

from importlib import import_module
from typing import Any

from domain.errors import ConfigError


def optional_package(module: str, engine: str) -> Any:
    """The module; ConfigError when it is not installed. engine: as in [asr] engine, which is also the extra's name."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigError(
            f"the engine {engine} needs the package {module}, which does not load: {error}",
            where="[asr] engine",
            remedy=f"pip install 'hotline12345[{engine}]', or choose another engine",
        ) from error
