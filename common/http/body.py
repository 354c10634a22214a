"""Read a request's body: bounded by what arrives, not by what a header claims, and typed."""

import io
from typing import TypeVar

from pydantic import ValidationError
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

from common.domain.model import Model
from common.http import validation
from common.http.problem import Problem

B = TypeVar("B", bound=Model)

MAX_BYTES = 10_000_000
# What we read and forget, so that a client that is still sending gets to see its 413.
_DRAIN_BYTES = 64_000_000
_CHUNK = 1 << 16


def read(request: Request) -> bytes:
    """The whole body; Problem 413 when more than MAX_BYTES arrive."""
    stream, parts, size = request.stream, [], 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size <= MAX_BYTES:
            parts.append(chunk)
        elif size > _DRAIN_BYTES:
            break
        else:
            parts.clear()
    if size > MAX_BYTES:
        # functions-framework reads what is left into memory; there shall be nothing left.
        request.stream = io.BytesIO()
        raise Problem(
            413,
            "body_too_large",
            f"The body is larger than {MAX_BYTES // 1_000_000} MB, the most this service reads; send a smaller one.",
        )
    return b"".join(parts)


def parse(raw: bytes, headers: Headers, model: type[B]) -> B:
    """The body as the endpoint's model; Problem 415, 400 or 422 that says what to change."""
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if raw and kind and kind != "application/json" and not kind.endswith("+json"):
        raise Problem(
            415,
            "unsupported_media_type",
            f"The body is declared as {kind[:80]!r}; send JSON with the header Content-Type: application/json.",
            headers={"Accept": "application/json"},
        )
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise validation.problem(error, model) from None
