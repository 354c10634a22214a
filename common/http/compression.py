"""Smaller answers for clients that take gzip: text of more than about a kilobyte.

Not for what is compressed already, not for streams, and never where an answer holds a secret beside what a stranger may
have chosen: its length would tell of the secret (BREACH). Such answers set cookies, or say so: `Answer.secret`.
"""

import zlib
from functools import lru_cache

LEAST = 1024  # bytes; below, the headers cost what the body saves
# Level 1 leaves JSON about a tenth larger than level 6 does, at a third of its time.
_LEVEL = 1
_GZIP = 31  # zlib's name of the gzip container, which it writes without a date: equal bytes in, equal bytes out

_TEXTS = ("application/json", "application/problem+json", "application/xml", "image/svg+xml", "application/javascript")


@lru_cache(maxsize=64)
def compressible(media_type: str) -> bool:
    """Whether a media type is text."""
    kind = media_type.partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _TEXTS or kind.endswith("+json")


@lru_cache(maxsize=256)
def accepted(header: str) -> bool:
    """Whether an Accept-Encoding header takes gzip (RFC 9110: `*` stands for what is not named, q=0 refuses)."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        coding, _, parameter = part.partition(";")
        name, _, value = parameter.partition("=")
        try:
            weights[coding.strip()] = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            weights[coding.strip()] = 0.0
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def compress(payload: bytes) -> bytes:
    """The payload as gzip."""
    return zlib.compress(payload, _LEVEL, _GZIP)
