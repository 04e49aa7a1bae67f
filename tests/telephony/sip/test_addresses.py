import socket
from ipaddress import ip_network

import pytest

from telephony.sip.addresses import LocalAddresses, bare, bracketed, for_socket, from_socket, is_numeric


@pytest.mark.parametrize(
    ("host", "uri"), [("::1", "[::1]"), ("192.0.2.1", "192.0.2.1"), ("sip.example", "sip.example")]
)
def test_brackets_come_and_go(host: str, uri: str) -> None:
    assert bracketed(host) == bracketed(uri) == uri
    assert bare(uri) == bare(host) == host


def test_names_are_no_addresses() -> None:
    assert is_numeric("[2001:db8::1]")
    assert is_numeric("192.0.2.1")
    assert not is_numeric("sip.example")
    assert not is_numeric("")


def test_an_ipv4_peer_of_a_socket_of_both_families() -> None:
    assert from_socket("::ffff:192.0.2.1") == "192.0.2.1"
    assert from_socket("2001:db8::1") == "2001:db8::1"
    assert for_socket("192.0.2.1", socket.AF_INET6) == "::ffff:192.0.2.1"
    assert for_socket("192.0.2.1", socket.AF_INET) == "192.0.2.1"


def test_peers_outside_get_the_advertised_address_and_local_ones_ours() -> None:
    ours = LocalAddresses("10.0.0.5", "203.0.113.7", (ip_network("10.0.0.0/8"),))
    assert ours.towards("198.51.100.1") == "203.0.113.7"
    assert ours.towards("10.9.9.9") == "10.0.0.5"
    assert ours.towards("trunk.example") == "203.0.113.7"


def test_of_all_addresses_the_one_that_packets_leave_by() -> None:
    ours = LocalAddresses("::", "203.0.113.7", (ip_network("127.0.0.0/8"),))
    assert ours.towards("127.0.0.1") == "127.0.0.1"
    assert ours.towards("[::1]") == "::1"
    assert ours.towards("198.51.100.1") == "203.0.113.7"
