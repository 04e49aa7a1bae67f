"""The demo's generated accounts, as `hotline up --demo` prints them and the demo's robot uses them."""

from pathlib import Path

import msgspec

from desk.demo_users import CREDENTIALS_FILE
from domain.errors import ConfigError
from hotline.config import Settings
from hotline.sip_accounts import demo_passwords


def desk_passwords(data_dir: Path) -> dict[str, str]:
    """User name → password of the demo's users; ConfigError when the service never ran with --demo."""
    file = data_dir / CREDENTIALS_FILE
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(
            f"cannot read the demo's accounts ({error})", where=str(file), remedy="start with `hotline up --demo`"
        ) from error


def demo_account_lines(settings: Settings) -> list[str]:
    """For the operator's terminal."""
    data_dir = settings.service.data_dir
    lines = [f"page   {name:<8} {password}" for name, password in desk_passwords(data_dir).items()]
    if not settings.service.sip_conf.exists():
        lines += [f"phone  {number:<8} {password}" for number, password in demo_passwords(settings).items()]
    return lines
