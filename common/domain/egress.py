"""Where a request to a URL that a user named may go: by its text, and by the addresses that its name leads to."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import idna

PORTS = (443, 8443)
LONGEST = 2048
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SAFE = "".join(chr(code) for code in range(0x21, 0x7F))  # in a path, as it was given
_VISIBLE = re.compile(r"[\x21-\x7e\u00a1-\U0010ffff]+")
_OURS = ("localhost", "local", "internal", "localdomain", "onion", "home.arpa", "test", "invalid", "example")

# Public by their number, and yet not anybody's server: documentation, tunnels that end elsewhere, metadata services.
_SPECIAL = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "168.63.129.16/32",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "2001:db8::/32",
    )
)
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")


class InvalidTarget(ValueError):
    """That URL may not be called; the text says why, and what would do."""


@dataclass(frozen=True)
class Target:
    """A URL in its parts, its host in ASCII. `address` stands where the host is one."""

    scheme: str
    host: str
    port: int
    path: str
    address: Address | None = None

    @property
    def url(self) -> str:
        """The URL as it is called."""
        standard = {"https": 443, "http": 80}[self.scheme]
        return f"{self.scheme}://{self.authority}{'' if self.port == standard else f':{self.port}'}{self.path}"

    @property
    def authority(self) -> str:
        """The host as it stands in a URL."""
        return f"[{self.host}]" if ":" in self.host else self.host


def target(url: str, *, loopback: bool = False) -> Target:
    """The parts of a URL that may be called; InvalidTarget.

    `loopback` lets http and any port of this machine pass, for trying things out.
    """
    if len(url) > LONGEST:
        raise InvalidTarget(f"The URL is longer than {LONGEST} characters; give a shorter one.")
    if not _VISIBLE.fullmatch(url) or "\\" in url:
        raise InvalidTarget("The URL has a space, a control character or a backslash; write them percent-encoded.")
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidTarget("The URL cannot be read; give one like https://example.com/hooks.") from None
    scheme = parts.scheme.lower()
    if "@" in parts.netloc:
        raise InvalidTarget("The URL carries credentials; leave them out, the signature proves who calls.")
    if parts.fragment or "#" in url:
        raise InvalidTarget("The URL has a fragment, which is never sent; leave it out.")
    host, address = _host(name)
    if loopback and address is not None and address.is_loopback and scheme in ("http", "https"):
        return Target(scheme, host, port or {"https": 443, "http": 80}[scheme], _path(parts.path, parts.query), address)
    if scheme != "https":
        raise InvalidTarget("The URL does not begin with https://; messages are sent over TLS only.")
    if port is not None and port not in PORTS:
        raise InvalidTarget(f"The URL names port {port}; use {' or '.join(map(str, PORTS))}.")
    if address is not None and (reason := refusal(address)):
        raise InvalidTarget(f"The URL leads to {reason}; give one that the whole internet can reach.")
    return Target(scheme, host, port or 443, _path(parts.path, parts.query), address)


def refusal(address: Address) -> str:
    """Why nothing is sent to an address; empty where something may be."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return "an address of one link"
        if address.ipv4_mapped is not None:
            return "an IPv4 address written as IPv6"
    if address.is_loopback:
        return "this machine itself"
    if address.is_link_local:
        return "a link-local address, such as a metadata service"
    if address.is_multicast:
        return "a multicast address"
    if address.is_private or address.is_unspecified:
        return "a private address"
    if address.is_reserved or not address.is_global or any(address in one for one in _SPECIAL):
        return "a reserved address"
    # What is not 2000::/3 is nobody's, or another network in disguise (NAT64).
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_6:
        return "a reserved address"
    return ""


def _host(name: str) -> tuple[str, Address | None]:
    """The host in ASCII, and the address that it is."""
    if not name:
        raise InvalidTarget("The URL names no host; give one like https://example.com/hooks.")
    if name.endswith("."):
        raise InvalidTarget("The host ends with a dot; leave that out.")
    if "%" in name:
        raise InvalidTarget("The host has a percent sign; write it plainly.")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        pass
    else:
        return str(address), address
    try:
        host = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        raise InvalidTarget("The host is no domain name; give one like example.com.") from None
    labels = host.split(".")
    # By the rules of browsers a host whose last part is a number is an IPv4 address, however it is written.
    if _NUMBER.fullmatch(labels[-1]):
        raise InvalidTarget("The host is a number; write an IPv4 address as four decimal numbers.")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidTarget("The host is no domain name; give one like example.com.")
    if len(labels) < 2 or any(host == one or host.endswith(f".{one}") for one in _OURS):
        raise InvalidTarget("The host is a name of a private network; give one that the whole internet knows.")
    return host, None


def _path(path: str, query: str) -> str:
    return quote((path or "/") + (f"?{query}" if query else ""), safe=_SAFE)
