"""hotline.toml: one section for each room, environment variables override (HOTLINE_<SECTION>__<KEY>)."""

import difflib
import os
import tomllib
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent_assist.settings import AssistSettings
from asr.settings import AsrSettings
from bus.settings import BusSettings
from desk.settings import DeskSettings
from domain.errors import ConfigError
from ivr_flows.settings import FlowSettings
from recordings.settings import RecordingSettings
from service_level.settings import ServiceLevelSettings
from storage.settings import StorageSettings
from telephony.acd.queue_settings import QueueSettings
from telephony.settings import TelephonySettings
from tts.settings import TtsSettings

ENV_PREFIX = "HOTLINE_"


class ServiceSettings(BaseModel):
    """What belongs to no room."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    data_dir: Path = Path("var")
    """Everything that the service writes."""

    sip_conf: Path = Path("sip.conf")
    """Trunks and extensions; the built-in demo set is used with --demo when the file is absent."""

    models_mirror: str = ""
    """`hotline models fetch NAME` takes <this address>/<name>/<file> instead of the makers' own."""

    demo: bool = False
    """Sample users, phones and traffic."""

    demo_emergency_port: int = Field(5112, ge=1, le=65535)
    """With --demo: the SIP port, on this machine only, of the robots that answer for 110, 119 and 120."""

    metrics_base_port: int = Field(9464, ge=0, le=65000)
    """Prometheus of the roles: switch on this port, queue +1, listen +2, assist +3, inspect +4; 0 switches it off."""

    log_format: str = Field("console", pattern="^(console|json)$")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$")


class Settings(BaseModel):
    """The whole of hotline.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    service: ServiceSettings = ServiceSettings()
    bus: BusSettings = BusSettings()
    telephony: TelephonySettings = TelephonySettings()
    queue: QueueSettings = QueueSettings()
    ivr_flows: FlowSettings = FlowSettings()
    asr: AsrSettings = AsrSettings()
    tts: TtsSettings = TtsSettings()
    agent_assist: AssistSettings = AssistSettings()
    recordings: RecordingSettings = RecordingSettings()
    service_level: ServiceLevelSettings = ServiceLevelSettings()
    storage: StorageSettings = StorageSettings()
    desk: DeskSettings = DeskSettings()


def load_settings(file: Path | None, environment: dict[str, str] | None = None) -> Settings:
    """The settings of `file` (or defaults) with the environment on top; ConfigError names file, key and remedy."""
    values: dict[str, Any] = {}
    if file is not None:
        values = _read_toml(file)
    for name, value in sorted((os.environ if environment is None else environment).items()):
        section, separator, key = name.removeprefix(ENV_PREFIX).lower().partition("__")
        if name.startswith(ENV_PREFIX) and separator:
            values.setdefault(section, {})[key] = value
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise _explain(error, file) from error


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot read it ({error.strerror})",
            where=str(file),
            remedy="name an existing file, or copy hotline.toml.example",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"not valid TOML: {error}", where=str(file), remedy="mend the line that it names") from error


def _known_keys(location: tuple[str | int, ...]) -> list[str]:
    """The keys beside the last one of `location`; numbers in it count the tables of a list."""
    model: type[BaseModel] = Settings
    for part in location[:-1]:
        if isinstance(part, int):
            continue
        annotation: Any = model.model_fields[part].annotation
        models = [kind for kind in (annotation, *get_args(annotation)) if _is_model(kind)]
        if not models:
            return []
        model = models[0]
    return list(model.model_fields)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _line_of(file: Path | None, location: tuple[str | int, ...]) -> str:
    """file:line of the key, or of what it stands in, as well as the text shows it."""
    if file is None:
        return "environment"
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    for length in range(len(location), 0, -1):
        number = _find_line(lines, location[:length])
        if number is not None and (length > 1 or len(location) == 1):
            return f"{file}:{number}"
    return f"{file} or the environment"


def _find_line(lines: list[str], location: tuple[str | int, ...]) -> int | None:
    """The line of the key at `location`, or of the header of the table that it names."""
    names = [part for part in location if isinstance(part, str)]
    table = next((part for part in reversed(location) if isinstance(part, int)), 0)
    whole = len(names) == 1 or isinstance(location[-1], int)
    section = ".".join(names if whole else names[:-1])
    here, counted = "", -1
    for number, text in enumerate(lines, 1):
        if text.startswith("["):
            here = text.partition("#")[0].strip().strip("[]").strip()
            counted += here == section
            if whole and here == section and counted == table:
                return number
        elif not whole and here == section and counted == table and text.partition("=")[0].strip() == names[-1]:
            return number
    return None


def _explain(error: ValidationError, file: Path | None) -> ConfigError:
    first = error.errors()[0]
    location = first["loc"]
    key = ".".join(str(part) for part in location)
    where = _line_of(file, location)
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(location[-1]), _known_keys(location), 1)
        remedy = f"did you mean '{near[0]}'?" if near else f"known keys here: {', '.join(_known_keys(location))}"
        return ConfigError(f"unknown key '{key}'", where=where, remedy=remedy)
    return ConfigError(f"'{key}' is wrong: {first['msg']}", where=where, remedy="see hotline.toml.example")
