"""What every command shares: which configuration it reads."""

import os
from pathlib import Path

from hotline.config import Settings, load_settings

DEFAULT_CONFIG = Path("hotline.toml")
CONFIG_VARIABLE = "HOTLINE_CONFIG"


def choose_config(config: Path | None) -> None:
    """This command, and every process that it starts, reads `config`, or ./hotline.toml when there is one."""
    if config is not None:
        os.environ[CONFIG_VARIABLE] = str(config.resolve())
    elif CONFIG_VARIABLE not in os.environ and DEFAULT_CONFIG.exists():
        os.environ[CONFIG_VARIABLE] = str(DEFAULT_CONFIG.resolve())


def settings() -> Settings:
    """The settings of this command."""
    file = os.environ.get(CONFIG_VARIABLE)
    return load_settings(Path(file) if file else None)
