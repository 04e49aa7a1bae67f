"""The SIP port: one number for UDP and TCP, and the ways that go out of it."""

from collections.abc import Callable
from ipaddress import ip_network

from domain.errors import SipError
from telephony.settings import TelephonySettings
from telephony.sip.addresses import Address, LocalAddresses
from telephony.sip.intake import Intake
from telephony.sip.socket import SipSocket
from telephony.sip.streams import SipStreams
from telephony.sip.transactions import Way

FREE_PORT_TRIES = 5
"""A port that is free for UDP may be taken for TCP; then another one is tried."""


class SipPorts:
    """Open when made; SipError when the port is in use for UDP or TCP.

    sip_hosts, sound_hosts: which address of ours a peer is given for SIP, and for its sound.
    """

    def __init__(self, settings: TelephonySettings) -> None:
        networks = tuple(ip_network(network) for network in settings.local_networks)
        self.sip_hosts = LocalAddresses(settings.sip_address, settings.advertised_address, networks)
        self.sound_hosts = LocalAddresses(settings.rtp_address, settings.advertised_address, networks)
        self._socket, self._streams = self._open(settings, FREE_PORT_TRIES)
        self.port = self._socket.port

    def _open(self, settings: TelephonySettings, tries: int) -> tuple[SipSocket, SipStreams | None]:
        opened = SipSocket(settings.sip_address, settings.sip_port, self.sip_hosts)
        if not settings.sip_tcp:
            return opened, None
        try:
            return opened, SipStreams(settings.sip_address, opened.port, self.sip_hosts)
        except SipError:
            opened.close()
            if settings.sip_port or tries <= 1:
                raise
            return self._open(settings, tries - 1)

    def start(self, intake: Intake, lost: Callable[[Address], None]) -> None:
        """Begin to receive. lost: told, on a thread of ours, of each address that TCP cannot connect to."""
        self._socket.start(intake)
        if self._streams is not None:
            self._streams.start(intake, lost)

    def towards(self, address: Address, transport: str) -> Way:
        """The way there; ValueError for a transport that is not served."""
        host = str(address[0])
        if transport == "udp":
            return self._socket.towards(host)
        if transport == "tcp" and self._streams is not None:
            return self._streams.towards(host)
        raise ValueError(f"SIP over {transport} is not served")

    def close(self) -> None:
        """Stop receiving and free the port; blocks until it is done."""
        if self._streams is not None:
            self._streams.close()
        self._socket.close()
