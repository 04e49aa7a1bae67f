"""Addresses as sippy, sockets and SDP write them, and which of ours a peer shall reach us by.

sippy writes an IPv6 host in brackets (`[::1]`), as URIs do; sockets and SDP write it bare. Everything that leaves the
sockets' modules towards sippy is bracketed, and everything else of ours is bare.
"""

import ipaddress
import socket
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network
Address = tuple[str, int]
HOSTS_REMEMBERED = 4096
_NOWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Of the documentation's networks (RFC 5737, RFC 3849): the routing table sends them the default way."""


def bare(host: str) -> str:
    """`host` without the brackets of an IPv6 address."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def bracketed(host: str) -> str:
    """`host` as a URI has it."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def is_numeric(host: str) -> bool:
    """Whether it is an address (bare or in brackets) and not a name."""
    try:
        ipaddress.ip_address(bare(host))
    except ValueError:
        return False
    return True


def family_of(host: str) -> socket.AddressFamily:
    """AF_INET6 for an IPv6 address, AF_INET for everything else."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def open_socket(address: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """A bound socket, listening to both families on `::`; OSError. address: bare."""
    opened = socket.socket(family_of(address), kind)
    try:
        if opened.family == socket.AF_INET6:
            both = ipaddress.ip_address(address).is_unspecified
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if both else 1)
        if kind == socket.SOCK_STREAM:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((address, port))
    except BaseException:
        opened.close()
        raise
    return opened


@lru_cache(maxsize=HOSTS_REMEMBERED)
def from_socket(host: str) -> str:
    """A host as a socket of both families says it: an IPv4 peer is not `::ffff:192.0.2.1` but `192.0.2.1`."""
    if not host.startswith("::ffff:"):
        return host
    mapped = ipaddress.IPv6Address(host).ipv4_mapped
    return host if mapped is None else str(mapped)


def for_socket(host: str, family: int) -> str:
    """`host` as a socket of this family wants it: an IPv4 address becomes a mapped one on an IPv6 socket."""
    return f"::ffff:{host}" if family == socket.AF_INET6 and ":" not in host else host


def local_address_towards(host: str) -> str:
    """The address of ours that packets to `host` leave by; loopback where there is no route."""
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: connecting a datagram socket only asks the routing table.
            probe.connect((host, 9))
        except OSError:
            return "::1" if family_of(host) == socket.AF_INET6 else "127.0.0.1"
        return str(probe.getsockname()[0])


def reachable_address(address: str) -> str:
    """The address itself; of "all addresses" the one that the default route goes out by (`::` counts as IPv4)."""
    if not ipaddress.ip_address(address).is_unspecified:
        return address
    return local_address_towards(_NOWHERE[socket.AF_INET])


class LocalAddresses:
    """Which host a peer is given in our Via, Contact and SDP.

    bound: what we listen on. advertised: our address outside a router ("" without one); peers in `local_networks`
    reach us without that router, and are given the address that our packets to them leave by.
    """

    def __init__(self, bound: str, advertised: str = "", local_networks: tuple[Network, ...] = ()) -> None:
        self._bound = bound
        self._advertised = advertised
        self._local_networks = local_networks
        self._any = ipaddress.ip_address(bound).is_unspecified
        self._default = advertised or reachable_address(bound)
        self._known: dict[str, str] = {}

    def towards(self, host: str) -> str:
        """Bare. For a name, whose address is not known here, what most peers are given."""
        if not is_numeric(host):
            return self._default
        found = self._known.get(host)
        if found is None:
            if len(self._known) >= HOSTS_REMEMBERED:
                self._known.clear()
            found = self._known[host] = self._find(bare(host))
        return found

    def _find(self, host: str) -> str:
        peer = ipaddress.ip_address(host)
        outside = not any(peer in network for network in self._local_networks)
        if self._advertised and outside and family_of(host) == family_of(self._advertised):
            return self._advertised
        return local_address_towards(host) if self._any else self._bound
