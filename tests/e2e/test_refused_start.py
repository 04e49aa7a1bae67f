"""What must not start does not start: within seconds, with a message that says what, where and what to do."""

import shutil
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from models.manifest import manifest_named
from models.package_parts import verify_model
from tests.e2e.service import REPO, Service, furnish, processes_of, service_environment

REFUSED_WITHIN_S = 60.0


def refusal(folder: Path, environment: dict[str, str], *options: str) -> str:
    """What `hotline up --demo` says when it refuses; AssertionError when it does not, or leaves something behind."""
    data_dir = Path(environment["HOTLINE_SERVICE__DATA_DIR"])
    command = [sys.executable, "-m", "hotline", *options, "up", "--demo"]
    output = folder / "refusal.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            command, env=environment | {"COLUMNS": "400"}, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            status = process.wait(REFUSED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait(REFUSED_WITHIN_S)
            pytest.fail(f"it goes on trying:\n{output.read_text()}")
        finally:
            left = list(processes_of(data_dir))
            _, stubborn = psutil.wait_procs(left, timeout=5)
            for each in stubborn:
                each.kill()
    said = output.read_text(errors="replace")
    assert status != 0, said
    assert not stubborn, f"left behind: {stubborn}\n{said}"
    assert "Traceback" not in said, said
    return said


@pytest.fixture
def environment(ready_data: Path, tmp_path: Path) -> dict[str, str]:
    """Of a service that would start."""
    furnish(tmp_path / "var")
    return service_environment(tmp_path / "var", SERVICE__DEMO="true")


def test_a_wrong_day_in_the_queues_calendar(environment: dict[str, str], tmp_path: Path) -> None:
    calendar = tmp_path / "2027.txt"
    calendar.write_text("2027-02-30 休 春节\n", encoding="utf-8")
    said = refusal(tmp_path, environment | {"HOTLINE_QUEUE__CALENDAR": str(calendar)})
    assert f"{calendar}:1" in said
    assert "'2027-02-30' is no date" in said


def test_a_wrong_key_in_hotline_toml(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[desk]\nhotline_name = '试'\n\n[telephony]\nsip_prot = 5060\n", encoding="utf-8")
    said = refusal(tmp_path, environment, "--config", str(file))
    assert f"{file}:5" in said
    assert "did you mean 'sip_port'" in said


def test_hotline_toml_that_is_no_toml(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[desk\n")
    said = refusal(tmp_path, environment, "--config", str(file))
    assert str(file) in said
    assert "line 1" in said


def test_a_broken_sip_conf(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "sip.conf"
    file.write_text("[general]\nallow_guest = loopback\n\n[8001]\ntype = telephone\nsecret\n")
    said = refusal(tmp_path, environment | {"HOTLINE_SERVICE__SIP_CONF": str(file)})
    assert "sip.conf:" in said
    assert "what to do" in said


def test_a_broken_flow(environment: dict[str, str], tmp_path: Path) -> None:
    whole = (REPO / "ivr_flows" / "flows" / "default.yaml").read_text(encoding="utf-8")
    file = tmp_path / "flow.yaml"
    file.write_text(whole.replace("goto: to_person", "goto: to_nobody"), encoding="utf-8")
    said = refusal(tmp_path, environment | {"HOTLINE_IVR_FLOWS__FILE": str(file)})
    assert "flow.yaml:" in said
    assert "to_nobody" in said


@pytest.mark.parametrize(
    ("name", "kind"),
    [("TELEPHONY__SIP_PORT", socket.SOCK_DGRAM), ("DESK__PORT", socket.SOCK_STREAM), ("BUS__PORT", socket.SOCK_STREAM)],
)
def test_a_port_in_use(environment: dict[str, str], tmp_path: Path, name: str, kind: socket.SocketKind) -> None:
    port = environment[f"HOTLINE_{name}"]
    with closing(socket.socket(socket.AF_INET, kind)) as taken:
        taken.bind(("127.0.0.1", int(port)))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        said = refusal(tmp_path, environment)
    assert port in said
    assert "in use" in said or "not free" in said


def test_a_model_that_is_not_right_is_put_right(ready_data: Path, tmp_path: Path) -> None:
    """Joined again from the installed packages, whose sha256 is known: the service never hears with a wrong model."""
    furnish(tmp_path / "var")
    models = tmp_path / "var" / "models"
    models.unlink()
    models.mkdir()
    for model in (ready_data / "models").iterdir():
        if model.name != "whisper-base":
            (models / model.name).symlink_to(model, target_is_directory=True)
    shutil.copytree(ready_data / "models" / "whisper-base", models / "whisper-base")
    with (models / "whisper-base" / "model.bin").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"tampered")
    service = Service(tmp_path)
    service.start()
    try:
        verify_model(manifest_named("whisper-base"), models)
    finally:
        service.stop()


def test_an_engine_whose_model_was_never_fetched(environment: dict[str, str], tmp_path: Path) -> None:
    said = refusal(tmp_path, environment | {"HOTLINE_ASR__ENGINE": "vosk"})
    assert "vosk-model-small-cn-0.22 is not on this machine" in said
    assert "hotline models fetch vosk-model-small-cn-0.22" in said


def test_a_disk_without_room_for_recordings(environment: dict[str, str], tmp_path: Path) -> None:
    said = refusal(tmp_path, environment | {"HOTLINE_RECORDINGS__MINIMUM_FREE_MB": "900000000"})
    assert "MB" in said
    assert str(tmp_path / "var") in said


def test_a_data_directory_that_cannot_be_written(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "no_folder"
    file.write_text("a file where the folder should be")
    said = refusal(tmp_path, environment | {"HOTLINE_SERVICE__DATA_DIR": str(file)})
    assert str(file) in said
    assert "what to do" in said
