"""What the operations of the OpenAPI document share: headers, ways to prove who calls, and the shape of refusals."""

from collections.abc import Mapping
from typing import Any

from common.domain.version import VERSION
from common.http.limits import PER_ADDRESS, PER_USER

INTRODUCTION = f"""\
AIPROD turns a prompt or a script into a finished video.

Start one with `POST /pipeline/run`, follow it by the links of the answer, and fetch the files from its result.

- **Who calls** is proved by a bearer token, an API key or the session of a browser. The two headers at once are a 400;
  a session's cookie counts only where neither is there.
- **Errors** are `application/problem+json` (RFC 9457) with a stable `code`; every `type` leads to a page about it.
- **A repeated POST** is harmless with the same `Idempotency-Key`. What answers a secret, once, refuses the header.
- **Limits**: {PER_ADDRESS} requests a minute and address, {PER_USER} a minute and caller, and less where an operation
  says so. `RateLimit` says what is left; after a 429 wait for `Retry-After` seconds.
- **Every answer** carries `X-Request-Id`, which the service's log knows. GET also answers HEAD.
- **What belongs to somebody else** is a 404, like what does not exist.
"""

INFO: Mapping[str, Any] = {
    "title": "AIPROD",
    "version": VERSION,
    "summary": "Finished videos from a prompt or a script.",
    "description": INTRODUCTION,
}

# Areas by the beginning of the path: the first one that fits.
AREAS: tuple[tuple[str, str, str], ...] = (
    ("/auth", "Identity", "Log in, renew, end a login; who calls."),
    ("/csrf-token", "Identity", ""),
    ("/keys", "API keys", "Keys for programs."),
    ("/api-keys", "API keys", ""),
    ("/admin", "Administration", "Keys, roles and the audit log."),
    ("/pipeline/batch", "Batches", "Many videos at once."),
    ("/pipeline/{id}/events/stream", "Live", "Progress as it happens."),
    ("/ws", "Live", ""),
    ("/pipeline", "Pipelines", "Videos: from the request to the finished file."),
    ("/cost-estimate", "Presets and prices", "What a video can be, and what it costs."),
    ("/presets", "Presets and prices", ""),
    ("/assets", "Assets", "Your own pictures, clips, logos and music."),
    ("/webhooks", "Webhooks", "Events, delivered to your server and signed."),
    ("/", "Service", "Health, metrics and documentation."),
)

# Headers of requests, by the name that a module gives in READS.
ASKED: Mapping[str, str] = {
    "Idempotency-Key": "1 to 255 visible ASCII characters, a random UUID for each new request. The same request with "
    "the same key within 24 hours gets the first answer again, marked Idempotent-Replayed.",
    "If-Match": "ETag of what you read; if it has changed since, nothing is done: 412.",
    "If-None-Match": "ETag of what you have; if that is still the answer, there is no body: 304.",
    "Last-Event-ID": "The id of the last event that you have.",
    "X-Request-Id": "Your own id of the request, 8 to 128 letters, digits, dots, hyphens and underscores; it comes "
    "back in the answer and stands in the log. Any other text is replaced.",
}

# Headers of answers.
SENT: Mapping[str, str] = {
    "Allow": "Methods that the path takes.",
    "Cache-Control": "Who may keep the answer, and for how long.",
    "Content-Disposition": "The name to save it under.",
    "ETag": "Strong tag of this very answer.",
    "Idempotent-Replayed": "true where this is the answer to an earlier request with the same Idempotency-Key.",
    "Location": "URL of what was made.",
    "RateLimit": 'What is left of each quota: "name";r=left;t=seconds. Absent where Cache-Control is public.',
    "RateLimit-Policy": 'The quotas: "name";q=requests;w=seconds. Absent where Cache-Control is public.',
    "Retry-After": "Seconds to wait.",
    "WWW-Authenticate": "How to prove who calls (RFC 6750).",
    "X-Request-Id": "The id of the request, for the log and for questions.",
}

SECURITY: Mapping[str, Any] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of POST /auth/login, or an ID token.",
    },
    "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "For programs."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-session",
        "description": "The session of a browser, from POST /auth/login with session: true.",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "With a session only, for what changes something: the token of GET /csrf-token, also as cookie.",
    },
}

PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "Why a request was refused (RFC 9457). A code may bring members of its own.",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Leads to a page about the code."},
        "title": {"type": "string", "description": "The kind of problem, always the same for a code."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What happened, to which thing, and what to do; for people."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "code": {"type": "string", "description": "For programs; never changes."},
        "request_id": {"type": "string", "description": "As in X-Request-Id."},
        "errors": {
            "type": "array",
            "description": "Each thing that is wrong with the request.",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "Where: a JSON pointer, as a URI fragment."},
                    "detail": {"type": "string", "description": "What is wrong, and what would do."},
                },
            },
        },
    },
}


def area(path: str) -> str:
    """The tag of an operation."""
    return next(name for beginning, name, _ in AREAS if path.startswith(beginning))


def tags(used: set[str]) -> list[dict[str, str]]:
    """The areas with what they hold, in order."""
    return [{"name": name, "description": said} for _, name, said in AREAS if said and name in used]


def shared_headers() -> dict[str, Any]:
    """Headers of answers, for `components`."""
    return {name: {"description": said, "schema": {"type": "string"}} for name, said in SENT.items()}


def header_refs(*names: str) -> dict[str, Any]:
    """References to headers of answers."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
