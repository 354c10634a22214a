"""Where a request comes from, as far as that can be trusted: what our own proxies say, never what a client says."""

import re
from ipaddress import IPv6Address

from werkzeug.wrappers import Request

_ADDRESS = re.compile(r"[0-9A-Fa-f.:]{2,45}")


def client(request: Request, trusted: int) -> str:
    """The client's address: the first of the last `trusted` entries of X-Forwarded-For, which our proxies wrote.

    A load balancer of Google's appends two, the client and itself, behind whatever the client sent; so the entries are
    counted from the end. Without a trusted proxy, or where fewer entries came than our proxies write, it is the peer.
    """
    if trusted:
        entries: list[str] = request.environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(entries) >= trusted and _ADDRESS.fullmatch(found := entries[-trusted].strip()):
            return found
    return request.remote_addr or ""


def household(address: str) -> str:
    """What shares one quota: an IPv4 address, or the 64 bits of an IPv6 address that one customer is given."""
    if ":" not in address:
        return address
    try:
        whole = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if whole.ipv4_mapped:
        return str(whole.ipv4_mapped)
    return f"{IPv6Address(int(whole) >> 64 << 64)}/64"
