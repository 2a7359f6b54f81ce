"""Which addresses are our own proxies: only what such a one tells is believed."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network

from django.core.exceptions import ImproperlyConfigured

SOCKET = "unix"  # the proxy connects through a socket of this machine, which has no address


def trusted_proxies(values: Iterable[str], *, behind_proxy: bool) -> tuple[IPv4Network | IPv6Network | str, ...]:
    """The networks of TRUSTED_PROXIES, and the word for a socket. Raises ImproperlyConfigured."""
    try:
        found = tuple(value if value == SOCKET else ip_network(value) for value in (text.strip() for text in values))
    except ValueError as error:
        raise ImproperlyConfigured(f"TRUSTED_PROXIES holds no address or network: {error}") from None
    if behind_proxy and not found:
        raise ImproperlyConfigured(
            "BEHIND_PROXY needs TRUSTED_PROXIES: the addresses that your proxies connect from, with commas between"
            f' them, for example "127.0.0.1" or "10.0.0.0/24"; "{SOCKET}" for a socket'
        )
    return found
