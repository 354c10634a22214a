"""Which web pages may call the service from a browser: those of the settings' origins, and no other.

Another origin's page gets no CORS header, so its browser keeps the answer from it; its preflight is refused with 403,
which says why in words. Pages of our own origin need none of this.
"""

from collections.abc import Sequence

from werkzeug.datastructures import Headers

from common.http.call import Answer
from common.http.problem import Problem

MAX_AGE = 3600
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ALLOWED = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Traceparent, X-API-Key, "
    "X-CSRF-Token, X-Request-Id"
)
_EXPOSED = (
    "Content-Disposition, ETag, Idempotent-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, Traceparent, "
    "WWW-Authenticate, X-Request-Id"
)


def headers(origin: str | None, origins: frozenset[str]) -> dict[str, str]:
    """What the answer to any request carries: that it depends on the origin, and that an allowed one may read it."""
    if origin is None or origin not in origins:
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": _EXPOSED,
    }


def is_preflight(method: str, request: Headers) -> bool:
    """Whether a browser asks if it may send what a page wants to send."""
    return method == "OPTIONS" and "Origin" in request and "Access-Control-Request-Method" in request


def preflight(request: Headers, origins: frozenset[str], methods: Sequence[str]) -> Answer:
    """204 with the `methods` of the path; Problem 403 for another origin."""
    if request["Origin"] not in origins:
        raise Problem(
            403,
            "origin_not_allowed",
            "Pages of this origin may not call the service from a browser; call it from a server, "
            "or have the origin added to the setting allowed_origins.",
        )
    allowed = [method for method in METHODS if method in methods]
    return Answer(
        204,
        headers={
            "Access-Control-Allow-Methods": ", ".join(allowed),
            "Access-Control-Allow-Headers": _ALLOWED,
            "Access-Control-Max-Age": str(MAX_AGE),
            "Vary": "Access-Control-Request-Method, Access-Control-Request-Headers",
            "Cache-Control": "no-store",
        },
    )
