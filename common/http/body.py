"""Read a request's body: bounded by what arrives, not by what a header claims, and typed."""

import contextlib
import io
import json
from collections.abc import Iterator
from typing import TypeVar

from pydantic import ValidationError
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_options_header
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
    """The whole body; Problem 413 when more than MAX_BYTES arrive, 400 when it ends before it should."""
    parts, size = [], 0
    for chunk in _arriving(request):
        size += len(chunk)
        if size > MAX_BYTES:
            raise _too_large()
        parts.append(chunk)
    return b"".join(parts)


def discard(request: Request) -> None:
    """Read what nobody has read and forget it, so that a client that is still sending gets to see its answer.

    functions-framework would read it all into memory; it shall find nothing left.
    """
    environ = request.environ
    if not environ.get("CONTENT_LENGTH") and not environ.get("wsgi.input_terminated"):
        return
    size = 0
    with contextlib.suppress(Problem):
        for chunk in _arriving(request):
            size += len(chunk)
            if size > _DRAIN_BYTES:
                break
    request.stream = io.BytesIO()


def _arriving(request: Request) -> Iterator[bytes]:
    """The body as it comes; Problem 400 where the client or its proxy breaks off or garbles the chunks."""
    while True:
        try:
            chunk = request.stream.read(_CHUNK)
        except (OSError, ValueError, HTTPException):
            request.stream = io.BytesIO()
            raise Problem(400, "bad_request", "The body ended early or its chunks cannot be read.") from None
        if not chunk:
            return
        yield chunk


def _too_large() -> Problem:
    return Problem(
        413,
        "body_too_large",
        f"The body is larger than {MAX_BYTES // 1_000_000} MB, the most this service reads; send a smaller one.",
    )


def parse(raw: bytes, headers: Headers, model: type[B]) -> B:
    """The body as the endpoint's model; Problem 415, 400 or 422 that says what to change."""
    if raw:
        _check_declared(headers)
        if b"NaN" in raw or b"Infinity" in raw:
            _check_numbers(raw)
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise validation.problem(error, model) from None


def _check_declared(headers: Headers) -> None:
    """Problem 415 for a body that is not declared as plain JSON in UTF-8."""
    declared = headers.get("Content-Type", "application/json")
    if declared != "application/json":
        kind, options = parse_options_header(declared)
        if kind and kind != "application/json" and not kind.endswith("+json"):
            raise _unsupported(f"The body is declared as {kind[:80]!r}")
        charset = options.get("charset", "utf-8")
        if charset.lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
            raise _unsupported(f"The body is declared to be in {charset[:40]!r}, and JSON is in UTF-8")
    coding = headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise _unsupported(f"The body is declared as compressed with {coding[:40]!r}")


def _unsupported(what: str) -> Problem:
    return Problem(
        415,
        "unsupported_media_type",
        f"{what}; send JSON with the header Content-Type: application/json, and without compression.",
        headers={"Accept": "application/json", "Accept-Encoding": "identity"},
    )


def _check_numbers(raw: bytes) -> None:
    """Problem 400 for NaN and Infinity, which pydantic's parser takes and JSON does not have."""

    def refuse(name: str) -> None:
        raise Problem(400, "invalid_json", f"The body is no valid JSON: {name} is no number of JSON.")

    with contextlib.suppress(ValueError, RecursionError):  # whatever else is wrong with it is found and told next
        json.loads(raw, parse_constant=refuse)
