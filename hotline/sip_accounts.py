"""Which trunks and telephones this installation has: sip.conf, or with --demo and without a file, a generated set."""

import os
import secrets

import msgspec

from domain.errors import ConfigError
from hotline.config import Settings
from telephony.sip.conf import SipConf, demo_sip_conf, load_sip_conf

DEMO_EXTENSIONS = ("8001", "8002", "8003", "8004")


def load_accounts(settings: Settings) -> SipConf:
    """sip.conf as configured; ConfigError when it is missing and this is not the demo."""
    file = settings.service.sip_conf
    if file.exists():
        return load_sip_conf(file)
    if settings.service.demo:
        return demo_sip_conf(demo_passwords(settings))
    raise ConfigError(
        "there is no such file",
        where=str(file),
        remedy="copy sip.conf.example and set your trunk and extensions, or try `hotline up --demo`",
    )


def demo_passwords(settings: Settings) -> dict[str, str]:
    """Extension → password of the demo's telephones, made once and kept 0600 in the data directory."""
    file = settings.service.data_dir / "demo_telephones.json"
    if file.exists():
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    passwords = {extension: secrets.token_urlsafe(9) for extension in DEMO_EXTENSIONS}
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(msgspec.json.encode(passwords))
    return passwords
