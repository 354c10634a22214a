"""Headers that stand on every answer, errors included."""

import re
from collections.abc import Mapping
from secrets import token_hex
from types import MappingProxyType

SECURITY: Mapping[str, str] = MappingProxyType(
    {
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-XSS-Protection": "1; mode=block",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        # Answers are data: nothing in them may load, run or be framed.
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
)

NOT_STORED = "no-store"
PRIVATE = "private, no-store"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")


def request_id(given: str) -> str:
    """The client's own id of the request where it is a plain one, otherwise a new one."""
    return given if given and _REQUEST_ID.fullmatch(given) else token_hex(16)
