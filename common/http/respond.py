"""Write answers and problems as responses: their bytes, their tag, and the headers that every response has."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from werkzeug.wrappers import Request, Response

from common.http import compression, conditional, headers
from common.http.call import Answer
from common.http.problem import MEDIA_TYPE, Problem

_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def answer(request: Request, found: Answer, common: Mapping[str, str], *, public: bool) -> Response:
    """The response to a request that was answered. `common` is what every response to it carries."""
    own = {**common, "Cache-Control": headers.NOT_STORED if public else headers.PRIVATE, **found.headers}
    own["Vary"] = ", ".join(filter(None, (common.get("Vary"), "Accept-Encoding", found.headers.get("Vary"))))
    if isinstance(found.body, Iterator):
        if request.method == "HEAD":
            found.body.close() if hasattr(found.body, "close") else None
        return _response(found.body, found.status, found.media_type, own, found.cookies)
    if found.status == 204:
        return _response(b"", 204, None, own, found.cookies)
    body = payload(found.body, found.media_type)
    tag = own.get("ETag") or ""
    if not tag and found.status == 200 and request.method in ("GET", "HEAD"):
        tag = conditional.etag(body)
    small = (
        len(body) >= compression.LEAST
        and not found.secret
        and not found.cookies
        and compression.compressible(found.media_type)
        and compression.accepted(request.headers.get("Accept-Encoding", ""))
    )
    if tag:
        own["ETag"] = conditional.gzipped(tag) if small else tag
        if request.method in ("GET", "HEAD") and conditional.fresh(request.headers.get("If-None-Match", ""), tag):
            return _response(b"", 304, None, own, found.cookies)
    if small:
        body, own["Content-Encoding"] = compression.compress(body), "gzip"
    return _response(body, found.status, found.media_type, own, found.cookies)


def problem(request: Request, refusal: Problem, common: Mapping[str, str], *, base: str) -> Response:
    """The response to a request that was refused."""
    document = refusal.body(base=base, instance=request.path, request_id=common["X-Request-Id"])
    own = {**common, "Cache-Control": headers.NOT_STORED, **refusal.headers}
    return _response(_json(document).encode("utf-8", "replace"), refusal.status, MEDIA_TYPE, own)


def dress(response: Response, common: Mapping[str, str]) -> Response:
    """A response that somebody else wrote, with what every response carries."""
    for name, value in common.items():
        if name == "Vary":
            response.vary.update(value.split(", "))
        else:
            response.headers.setdefault(name, value)
    return response


def payload(body: Any, media_type: str) -> bytes:
    """The bytes of an answer's body."""
    if isinstance(body, bytes):
        return body
    if isinstance(body, BaseModel):
        return body.model_dump_json().encode()
    if isinstance(body, str) and not media_type.endswith("json"):
        return body.encode("utf-8", "replace")
    return _json(body).encode("utf-8", "replace")


def _response(
    body: bytes | Iterator[bytes],
    status: int,
    media_type: str | None,
    own: Mapping[str, str],
    cookies: tuple[str, ...] = (),
) -> Response:
    response = Response(body, status, content_type=media_type or "", headers=[*own.items()])
    if media_type is None:
        del response.headers["Content-Type"]
    for cookie in cookies:
        response.headers.add("Set-Cookie", cookie)
    return response
