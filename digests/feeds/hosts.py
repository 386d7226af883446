"""Which hosts may be fetched from: public ones, and the private ones that the operator allows."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from digests.stories.urls import HOST

AddressInfo: TypeAlias = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]
Network: TypeAlias = IPv4Network | IPv6Network

# IPv6 addresses of single hosts on the internet, and what among them isn't: tunnels, and protocols' own.
UNICAST = IPv6Network("2000::/3")
NOT_PUBLIC = tuple(map(ip_network, ("2001::/23", "2002::/16", "192.0.0.0/24")))


class PrivateAddressError(OSError):
    """A connection to a private address, which the operator doesn't allow."""


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Hosts, by name, and networks that may be fetched from though they are private."""

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    def has_name(self, host: str) -> bool:
        """Say whether a host is allowed by its name, whatever its address is."""
        return host.lower().rstrip(".") in self.names

    def has_address(self, address: str) -> bool:
        """Say whether an IP address may be connected to."""
        ip = _unwrapped(address)
        return is_public(ip) or any(ip in network for network in self.networks)

    def open_socket(self, found: AddressInfo) -> socket.socket:
        """Make a socket for an address that a host's name was resolved to; raises PrivateAddressError.

        This sees each address that is connected to in the end, so that no redirect, no spelling of an
        address and no name that changes between look-up and connection gets past it.
        """
        family, kind, protocol, _, address = found
        if not self.has_address(address[0]):
            raise PrivateAddressError("private address")
        return socket.socket(family, kind, protocol)


def allowed_hosts(given: Iterable[str]) -> AllowedHosts:
    """Return the hosts that names, IP addresses and networks (10.0.0.0/8) stand for.

    Raises ValueError about the first that is none of them.
    """
    names: set[str] = set()
    networks: list[Network] = []
    for each in given:
        try:
            networks.append(ip_network(each.strip("[]"), strict=False))
        except ValueError:
            if ":" in each or not HOST.fullmatch(each):
                raise ValueError(each) from None
            names.add(each.lower().rstrip("."))
    return AllowedHosts(frozenset(names), tuple(networks))


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    """Say whether an IP address is one of the internet's, for a single host."""
    if isinstance(ip, IPv6Address) and ip not in UNICAST:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in NOT_PUBLIC)


def _unwrapped(address: str) -> IPv4Address | IPv6Address:
    ip = ip_address(address)
    return (isinstance(ip, IPv6Address) and ip.ipv4_mapped) or ip
