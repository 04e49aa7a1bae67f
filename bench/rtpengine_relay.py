"""A peer: rtpengine (Debian package rtpengine-daemon) as a plain relay in user space, steered by its NG protocol.

It is C and does nothing but forward: no recording, no mixing, no jitter buffer. It is the floor for media.
"""

import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

from bench.cores import pin_urgent
from bench.sip_text import HOST, describe
from bench.trial_service import free_ports
from domain.errors import HotlineError

_UP_WITHIN_S = 10.0
_ANSWER_WITHIN_S = 2.0
_PORT = re.compile(rb"m=audio (\d+) ")


def is_installed() -> bool:
    return shutil.which("rtpengine") is not None


class RtpengineRelay:
    """One call for each pair of legs (bench.relay_peers.Relay)."""

    name = "rtpengine relay"

    def __init__(self, cores: frozenset[int]) -> None:
        self._cores = cores
        self._process: subprocess.Popen[bytes] | None = None
        self._ng = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._ng.settimeout(_ANSWER_WITHIN_S)
        self._folder = tempfile.TemporaryDirectory(prefix="rtpengine-")

    async def open(self, targets: list[int]) -> list[int]:
        self._start()
        ports: list[int] = []
        for number in range(0, len(targets), 2):
            call = {"call-id": f"bench{number}", "from-tag": "caller"}
            to_agent = self._ask(call | {"command": "offer", "sdp": describe(targets[number])})
            to_caller = self._ask(call | {"command": "answer", "to-tag": "agent", "sdp": describe(targets[number + 1])})
            ports += [_audio_port(to_caller), _audio_port(to_agent)]
        return ports

    async def close(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        self._ng.close()
        self._folder.cleanup()

    def processor_s(self) -> float:
        """Processor time of the daemon so far."""
        assert self._process is not None
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    def _start(self) -> None:
        control = free_ports(1)
        command = [
            "rtpengine", "--table=-1", f"--interface={HOST}", f"--listen-ng={HOST}:{control}", "--foreground",
            "--log-stderr", "--log-level=3", "--port-min=23000", "--port-max=30998", "--num-threads=1",
            f"--pidfile={self._folder.name}/pid",
        ]  # fmt: skip
        with (Path(self._folder.name) / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        pin_urgent(self._process.pid, self._cores)
        self._ng.connect((HOST, control))
        end = time.monotonic() + _UP_WITHIN_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                self._ask({"command": "ping"})
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise HotlineError("rtpengine does not start", where=(Path(self._folder.name) / "log").read_text()[-500:])

    def _ask(self, words: dict[str, str]) -> bytes:
        """The reply to a command; OSError while nobody answers."""
        cookie = secrets.token_hex(4).encode()
        self._ng.send(cookie + b" " + _bencode(words))
        while True:
            reply = self._ng.recv(65535)
            if reply.startswith(cookie):
                return reply


def _bencode(words: dict[str, str]) -> bytes:
    flat = (word.encode() for pair in sorted(words.items()) for word in pair)
    return b"d" + b"".join(b"%d:%s" % (len(word), word) for word in flat) + b"e"


def _audio_port(reply: bytes) -> int:
    found = _PORT.search(reply)
    if found is None:
        raise HotlineError("rtpengine gives no port", where=reply[:300].decode(errors="replace"))
    return int(found[1])
