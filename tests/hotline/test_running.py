"""One service on a data directory, and where others find it."""

import os
from pathlib import Path

import pytest

from domain.errors import ConfigError
from hotline.config import Settings, load_settings
from hotline.running import DataDirectoryLock, find_service
from hotline.sip_accounts import DEMO_EXTENSIONS, demo_passwords, load_accounts


def test_a_second_service_is_refused_in_words(tmp_path: Path) -> None:
    with (
        DataDirectoryLock(tmp_path),
        pytest.raises(ConfigError, match="another `hotline up` runs"),
        DataDirectoryLock(tmp_path),
    ):
        pass
    with DataDirectoryLock(tmp_path):
        pass


def test_a_service_is_found_while_it_is_up(tmp_path: Path) -> None:
    assert find_service(tmp_path) is None
    with DataDirectoryLock(tmp_path) as lock:
        lock.announce("127.0.0.1:5060", "http://127.0.0.1:12345")
        found = find_service(tmp_path)
        assert found is not None
        assert (found.pid, found.sip) == (os.getpid(), "127.0.0.1:5060")
    assert find_service(tmp_path) is None


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="data directory cannot be written"), DataDirectoryLock(tmp_path / "file"):
        pass


def demo_settings(folder: Path, *, demo: bool) -> Settings:
    environment = {
        "HOTLINE_SERVICE__DATA_DIR": str(folder),
        "HOTLINE_SERVICE__SIP_CONF": str(folder / "sip.conf"),
        "HOTLINE_SERVICE__DEMO": str(demo).lower(),
    }
    return load_settings(None, environment)


def test_the_demo_has_telephones_whose_passwords_stay_private(tmp_path: Path) -> None:
    settings = demo_settings(tmp_path, demo=True)
    accounts = load_accounts(settings)
    assert tuple(accounts.extensions) == DEMO_EXTENSIONS
    assert demo_passwords(settings) == {number: e.password for number, e in accounts.extensions.items()}
    assert (tmp_path / "demo_telephones.json").stat().st_mode & 0o077 == 0


def test_without_demo_a_missing_sip_conf_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"copy sip\.conf\.example"):
        load_accounts(demo_settings(tmp_path, demo=False))
