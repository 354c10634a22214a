"""The refusals of an operation: what the boundary answers by rule, and what its handler adds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from common.domain.catalogue import Entry
from common.http.openapi.components import header_refs
from common.http.problem import MEDIA_TYPE
from common.http.problems import PROBLEMS

CHANGES = ("POST", "PUT", "PATCH", "DELETE")
READS_BODY = ("POST", "PUT", "PATCH")

_HEADERS: Mapping[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    405: ("Allow",),
    429: ("Retry-After", "RateLimit", "RateLimit-Policy"),
    503: ("Retry-After",),
}


def codes(entry: Entry, module: ModuleType) -> tuple[str, ...]:
    """Every code that the operation may answer with."""
    assert entry.http is not None
    method = entry.http.method
    found = {"bad_request", "internal", "unavailable", "uri_too_long"}
    if entry.roles != "public":
        found |= {"ambiguous_credentials", "unauthenticated", "session_stale", "forbidden"}
        if method in CHANGES:
            found.add("csrf_failed")
    if not entry.exempt:
        found.add("quota_exceeded")
    if "{" in entry.http.path:
        found |= {"not_found"}
    if method in READS_BODY:
        found |= {"invalid_json", "invalid_request", "body_too_large", "unsupported_media_type"}
    if hasattr(module, "Query"):
        found.add("invalid_request")
    if entry.idempotent:
        found |= {"invalid_idempotency_key", "idempotency_in_progress", "idempotency_key_reused"}
    if entry.unrepeatable:
        found.add("idempotency_key_refused")
    return tuple(sorted(found | set(getattr(module, "PROBLEMS", ()))))


def by_status(found: Iterable[str]) -> dict[int, list[str]]:
    """The codes of each status."""
    grouped: dict[int, list[str]] = defaultdict(list)
    for code in found:
        grouped[PROBLEMS[code].status].append(code)
    return dict(sorted(grouped.items()))


def name(status: int, group: Iterable[str]) -> str:
    """What `components` calls a response."""
    return f"{status}.{'.'.join(group)}"


def response(status: int, group: list[str], server: str) -> dict[str, Any]:
    """The response of one status with these codes, each with an example."""
    kinds = {code: PROBLEMS[code] for code in group}
    return {
        "description": " ".join(f"`{code}`: {kind.meaning}" for code, kind in kinds.items()),
        "headers": header_refs("X-Request-Id", *_HEADERS.get(status, ())),
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {"properties": {"code": {"enum": group}, "status": {"const": status}}},
                    ]
                },
                "examples": {code: _example(status, code, server) for code in group},
            }
        },
    }


def _example(status: int, code: str, server: str) -> dict[str, Any]:
    kind = PROBLEMS[code]
    return {
        "summary": kind.title,
        "value": {
            "type": f"{server}/problems/{code}",
            "title": kind.title,
            "status": status,
            "detail": f"{kind.meaning} {kind.remedy}",
            "instance": "/pipeline/5f0c6ad1b2e94c7783d0",
            "code": code,
            "request_id": "7c1f6f0e5a9b4d0c8e21d3a4b5c6d7e8",
        },
    }
