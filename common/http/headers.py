"""Headers that stand on every answer, errors included."""

import re
import uuid
from collections.abc import Mapping
from types import MappingProxyType

from werkzeug.datastructures import Headers

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
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def request_id(headers: Headers) -> str:
    """The client's own id of the request where it is a plain one, otherwise a new one."""
    given = headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def traceparent(headers: Headers) -> str:
    """The W3C trace context of the request, or nothing when it is none."""
    given = headers.get("Traceparent", "")
    return given if _TRACEPARENT.fullmatch(given) else ""


def trace_id(headers: Headers) -> str:
    """The trace that the request belongs to, or nothing."""
    found = _TRACEPARENT.fullmatch(headers.get("Traceparent", ""))
    return found[1] if found else ""
