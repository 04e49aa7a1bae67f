"""Ports of a range: even ones, each once, and clear refusals."""

import socket

import pytest

from domain.errors import SipError
from telephony.media.rtp_ports import RtpPorts


def free_even_port() -> int:
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port % 2 == 0:
            return port


def test_a_freed_port_is_handed_out_again_and_a_taken_one_is_passed_over() -> None:
    port = free_even_port()
    ports = RtpPorts("127.0.0.1", port - 1, port + 1)
    with ports.open() as rtp:
        assert rtp.getsockname() == ("127.0.0.1", port)
        with pytest.raises(SipError, match="503: no RTP port is free"):
            ports.open()
        taken = RtpPorts("127.0.0.1", port, port + 1)
        with pytest.raises(SipError, match="503"):
            taken.open()
    ports.free(port)
    ports.open().close()


@pytest.mark.parametrize("first", [0, 20000])
def test_an_address_of_another_machine_is_named(first: int) -> None:
    with pytest.raises(SipError, match=r"rtp_address = 192\.0\.2\.1"):
        RtpPorts("192.0.2.1", first, first + 100).open()
