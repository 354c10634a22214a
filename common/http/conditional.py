"""Strong ETags: 304 for a client that has the current answer, 412 for one that would change what it has not seen."""

import hashlib
from typing import Any

from common.http.call import Call
from common.http.problem import Problem

# The same answer as gzip is another representation (RFC 9110), with a tag of its own.
_GZIPPED = '-gzip"'


def etag(payload: bytes) -> str:
    """The strong entity tag of a representation: equal bytes, equal tag."""
    return f'"{hashlib.sha256(payload).hexdigest()[:32]}"'


def gzipped(tag: str) -> str:
    """The tag of the same answer as gzip."""
    return tag[:-1] + _GZIPPED


def fresh(if_none_match: str, tag: str) -> bool:
    """Whether an If-None-Match header names the current answer, compressed or not (RFC 9110: a weak comparison)."""
    if if_none_match.strip() == "*":
        return True
    return tag in (_plain(candidate.strip().removeprefix("W/")) for candidate in if_none_match.split(","))


def require(call: Call[Any], tag: str) -> None:
    """Problem 412 if the client says by If-Match that it knows another state than that of `tag`.

    `tag` is what a GET of the same thing answers now: the `ETag` its handler gives, or `etag` of the bytes.
    """
    given = call.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return
    if tag not in (_plain(candidate.strip()) for candidate in given.split(",")):
        raise Problem(
            412,
            "precondition_failed",
            "It has changed since you read it: the ETag of If-Match is not the current one. Read it again.",
            headers={"ETag": tag},
        )


def _plain(tag: str) -> str:
    return tag[: -len(_GZIPPED)] + '"' if tag.endswith(_GZIPPED) else tag
