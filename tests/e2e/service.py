"""A whole service of its own: `hotline up` as a subprocess, with its own data directory and free ports."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import httpx
import psutil

from hotline.config import Settings, load_settings
from hotline.roles import METRICS_OFFSET, Role
from hotline.running import RunningService, find_service
from hotline.sip_accounts import demo_passwords

REPO = Path(__file__).parents[2]
PROVIDER = "127.0.0.2"
"""Another address of the loopback network: what comes from it is not a telephone of this machine."""
START_WITHIN_S = 150.0
STOP_WITHIN_S = 60.0
LOOK_EVERY_S = 0.1
NATS = "nats-server"
LINKED = ("models", "prompts", "demo_speech")
"""Parts of the repository's data directory that are only read here: nothing is joined or rendered again."""

T = TypeVar("T")


def eventually(look: Callable[[], T], timeout_s: float, what: str) -> T:
    """What `look` returns, as soon as that is true; AssertionError when it does not become so."""
    deadline = time.monotonic() + timeout_s
    while not (seen := look()):
        assert time.monotonic() < deadline, f"{what}: not within {timeout_s:.0f} s; last seen {seen!r}"
        time.sleep(LOOK_EVERY_S)
    return seen


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with closing(socket.socket(socket.AF_INET, kind)) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> int:
    """The first of so many ports in a row that are free for UDP and TCP, outside what the kernel gives to clients."""
    while True:
        first = random.randrange(10_300, 19_000)
        if all(_is_free(first + i, kind) for i in range(count) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)):
            return first


def service_environment(data_dir: Path, **more: str) -> dict[str, str]:
    """Our environment with a data directory and ports of its own. more: names without the prefix HOTLINE_."""
    first = free_ports(9)
    noon_h = 12 - time.gmtime().tm_hour
    own = {
        "SERVICE__DATA_DIR": str(data_dir),
        "SERVICE_LEVEL__UTC_OFFSET_HOURS": str(noon_h),  # no day ends while its numbers are compared
        "SERVICE__METRICS_BASE_PORT": str(first),
        "TELEPHONY__SIP_PORT": str(first + 5),
        "DESK__PORT": str(first + 6),
        "BUS__PORT": str(first + 7),
        "SERVICE__DEMO_EMERGENCY_PORT": str(first + 8),
        "TELEPHONY__RTP_PORT_FIRST": "0",
        "TELEPHONY__READ_LOCATION": "false",
    } | more
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    return inherited | {f"HOTLINE_{name}": value for name, value in own.items()}


def furnish(data_dir: Path) -> None:
    """Link what the repository's data directory has ready."""
    data_dir.mkdir(parents=True, exist_ok=True)
    for name in LINKED:
        source = REPO / "var" / name
        source.mkdir(parents=True, exist_ok=True)
        (data_dir / name).symlink_to(source, target_is_directory=True)


def processes_of(data_dir: Path) -> Iterator[psutil.Process]:
    """Every living process that works on this data directory."""
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
                continue
            words = [*process.cmdline(), process.environ().get("HOTLINE_SERVICE__DATA_DIR", "")]
        except psutil.Error:
            continue
        if any(str(data_dir) in word for word in words):
            yield process


class Service:
    """One `hotline up`. demo: with its accounts. more: settings on top, as for `service_environment`."""

    def __init__(self, folder: Path, *, demo: bool = True, **more: str) -> None:
        self.folder = folder
        self.data_dir = folder / "var"
        own = {"SERVICE__SIP_CONF": str(folder / "sip.conf")} | ({"SERVICE__DEMO": "true"} if demo else {})
        self.environment = service_environment(self.data_dir, **own | more)
        self.log_file = folder / "service.log"
        self.provider_port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> Settings:
        return load_settings(None, self.environment)

    @property
    def running(self) -> RunningService:
        found = find_service(self.data_dir)
        assert found is not None, self.log
        return found

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    @property
    def sip_port(self) -> int:
        return self.settings.telephony.sip_port

    def add_trunk(self) -> None:
        """Before the start: the demo's telephones, and a trunk to a provider at PROVIDER and `provider_port`."""
        furnish(self.data_dir)
        self.provider_port = free_ports(1)
        phones = [f"[extension {name}]\npassword = {word}" for name, word in demo_passwords(self.settings).items()]
        trunk = f"[trunk city]\nhost = {PROVIDER}:{self.provider_port}\nkeepalive = 0\ncaller_id = 02212345"
        conf = ["[general]\nallow_guest = loopback\narea_code = 022", *phones, trunk]
        self.settings.service.sip_conf.write_text("\n".join(conf) + "\n", encoding="utf-8")

    def start(self) -> None:
        """Until everything answers."""
        if not self.data_dir.exists():
            furnish(self.data_dir)
        with self.log_file.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hotline", "up"],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        process = self._process

        def up() -> bool:
            assert process.poll() is None, f"ended with {process.returncode}:\n{self.log}"
            return find_service(self.data_dir) is not None

        eventually(up, START_WITHIN_S, f"the service is up (log: {self.log_file})")

    def stop(self) -> None:
        """As Ctrl-C does: the exit status is 0 and nothing is left behind."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGINT)
        try:
            status = process.wait(STOP_WITHIN_S)
        finally:
            # Who ends with its parent does so a moment after it.
            _, left = psutil.wait_procs(list(processes_of(self.data_dir)), timeout=5)
            for each in left:
                each.kill()
        assert status == 0, self.log
        assert not left, f"left behind: {left}\n{self.log}"

    def pid(self, role: Role | str) -> int:
        """The process of the role, or of NATS; 0 while there is none."""
        assert self._process is not None
        for child in psutil.Process(self._process.pid).children():
            try:
                words = child.cmdline()
            except psutil.Error:
                continue
            if (words[:1] and Path(words[0]).name == role) or words[-2:] == ["run", str(role)]:
                return child.pid
        return 0

    def kill(self, role: Role | str) -> int:
        """SIGKILL; the pid that was killed."""
        pid = self.pid(role)
        assert pid, f"{role} does not run\n{self.log}"
        process = psutil.Process(pid)
        process.kill()
        psutil.wait_procs([process], timeout=30)
        return pid

    def metric(self, name: str, role: Role = Role.SWITCH) -> float:
        """The value of a metric without labels; -1 while the role does not answer."""
        port = self.settings.service.metrics_base_port + METRICS_OFFSET[role]
        try:
            text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=5, trust_env=False).text
        except httpx.HTTPError:
            return -1
        return next((float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} ")), -1)

    @property
    def calls_up(self) -> float:
        return self.metric("hotline_telephony_calls_up")
