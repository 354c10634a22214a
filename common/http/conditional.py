"""Strong ETags, and 304 for a client that has the current answer."""

import hashlib


def etag(payload: bytes) -> str:
    """The strong entity tag of a representation: equal bytes, equal tag."""
    return f'"{hashlib.sha256(payload).hexdigest()[:32]}"'


def fresh(if_none_match: str, tag: str) -> bool:
    """Whether an If-None-Match header names the current representation (RFC 9110: the comparison is weak)."""
    if if_none_match.strip() == "*":
        return True
    return tag in (candidate.strip().removeprefix("W/") for candidate in if_none_match.split(","))
