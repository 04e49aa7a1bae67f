"""What would make a role refuse to start, looked at before any is started: a refusal after two seconds, not twenty."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass

from asr.engine import examine_engine
from domain.errors import ConfigError
from hotline.config import Settings
from hotline.prompts import models_dir
from recordings.data_dir import check_data_dir
from telephony.settings import SipBackend
from telephony.sip.addresses import bracketed, family_of

PORT_REMEDY = "stop what uses it, or set another"


@dataclass(frozen=True)
class WantedPort:
    """A port that the service listens on. setting: where it is set."""

    name: str
    setting: str
    kind: socket.SocketKind
    host: str
    port: int

    @property
    def place(self) -> str:
        return f"{bracketed(self.host)}:{self.port}"

    def obstacle(self) -> str:
        """Why it cannot be had, "" when it can."""
        with socket.socket(family_of(self.host), self.kind) as probe:
            if self.kind is socket.SOCK_STREAM:  # connections that linger are no obstacle
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                return error.strerror or str(error)
        return ""


def wanted_ports(settings: Settings) -> Iterator[WantedPort]:
    """Those of the switch and of the desk; NATS looks after its own, which an orphan of ours may hold."""
    telephony, desk = settings.telephony, settings.desk
    yield WantedPort("SIP", "telephony.sip_port", socket.SOCK_DGRAM, telephony.sip_address, telephony.sip_port)
    if telephony.sip_backend is SipBackend.SIPPY:
        yield WantedPort(
            "SIP over TCP", "telephony.sip_port", socket.SOCK_STREAM, telephony.sip_address, telephony.sip_port
        )
    yield WantedPort("web", "desk.port", socket.SOCK_STREAM, desk.host, desk.port)


def check_start(settings: Settings) -> None:
    """HotlineError with what, where and what to do: no room for recordings, no model, a port in use.

    A remote engine may be away at the start. Each role looks for itself all the same.
    """
    data_dir = settings.service.data_dir
    check_data_dir(data_dir, settings.recordings.minimum_free_mb)
    if settings.asr.engine != "remote":
        examine_engine(settings.asr, models_dir(data_dir))
    for wanted in wanted_ports(settings):
        if obstacle := wanted.obstacle():
            raise ConfigError(
                f"the {wanted.name} port is not free ({obstacle})",
                where=f"{wanted.place} ({wanted.setting})",
                remedy=PORT_REMEDY,
            )
