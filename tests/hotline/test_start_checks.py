"""What is looked at before any role is started."""

import socket
from contextlib import closing
from pathlib import Path

import pytest

from domain.errors import ConfigError, ModelError, StorageError
from hotline.config import Settings, load_settings
from hotline.start_checks import check_start, wanted_ports
from tests.free_port import free_port


def settings(tmp_path: Path, **more: str) -> Settings:
    """Of a service whose engine is elsewhere, so that no model is needed, on any free ports."""
    own = {"SERVICE__DATA_DIR": str(tmp_path), "ASR__ENGINE": "remote", "TELEPHONY__SIP_PORT": "0", "DESK__PORT": "0"}
    return load_settings(None, {f"HOTLINE_{name}": value for name, value in (own | more).items()})


def test_a_machine_that_is_ready_is_left_as_it_was(tmp_path: Path) -> None:
    """The data directory is made; neither a file nor a port is kept."""
    port = str(free_port())
    data_dir = tmp_path / "var"
    check_start(ready := settings(data_dir, TELEPHONY__SIP_PORT=port))
    assert list(data_dir.iterdir()) == []
    assert [(wanted.name, wanted.obstacle()) for wanted in wanted_ports(ready)] == [
        ("SIP", ""),
        ("SIP over TCP", ""),
        ("web", ""),
    ]


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        ("TELEPHONY__SIP_PORT", socket.SOCK_DGRAM),
        ("TELEPHONY__SIP_PORT", socket.SOCK_STREAM),
        ("DESK__PORT", socket.SOCK_STREAM),
    ],
)
def test_a_port_in_use(tmp_path: Path, setting: str, kind: socket.SocketKind) -> None:
    with closing(socket.socket(socket.AF_INET, kind)) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        port = str(taken.getsockname()[1])
        with pytest.raises(ConfigError) as refused:
            check_start(settings(tmp_path, **{setting: port}))
    assert port in refused.value.where
    assert setting.lower().replace("__", ".") in refused.value.where
    assert "not free" in refused.value.what


def test_over_udp_alone_nobody_minds_tcp(tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with pytest.raises(ConfigError, match="SIP over TCP port is not free"):
            check_start(settings(tmp_path, TELEPHONY__SIP_PORT=port))
        check_start(alone := settings(tmp_path, TELEPHONY__SIP_PORT=port, TELEPHONY__SIP_BACKEND="pyvoip"))
    assert [wanted.name for wanted in wanted_ports(alone)] == ["SIP", "web"]


def test_no_room_for_recordings(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="MB are free"):
        check_start(settings(tmp_path, RECORDINGS__MINIMUM_FREE_MB="900000000"))


def test_a_model_that_was_never_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as refused:
        check_start(settings(tmp_path, ASR__ENGINE="vosk"))
    assert "hotline models fetch" in refused.value.remedy
