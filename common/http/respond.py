"""Write answers and problems as responses: their bytes, their tag, and the headers that every response has."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from common.http import compression, conditional, headers
from common.http.call import Answer
from common.http.problem import MEDIA_TYPE, Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def answer(request: Request, found: Answer, common: Mapping[str, str], *, public: bool) -> Response:
    """The response to a request that was answered. `common` is what every response to it carries."""
    own = {**common, "Cache-Control": headers.NOT_STORED if public else headers.PRIVATE, **found.headers}
    if own["Cache-Control"].startswith("public"):  # a shared cache would tell everybody what is left of one's quota
        own = {name: value for name, value in own.items() if not name.startswith("RateLimit")}
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
        and compression.accepted(request.environ.get("HTTP_ACCEPT_ENCODING", ""))
    )
    if tag:
        own["ETag"] = conditional.gzipped(tag) if small else tag
        known = request.environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and request.method in ("GET", "HEAD") and conditional.fresh(known, tag):
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


class Written(Response):
    """A response whose headers are complete, so that it is sent without going through them once more."""

    default_mimetype = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Send it."""
        body = self.response
        if not isinstance(body, list):
            return super().__call__(environ, start_response)
        start_response(self.status, self.headers.to_wsgi_list())
        return () if environ["REQUEST_METHOD"] == "HEAD" else body


def _response(
    body: bytes | Iterator[bytes],
    status: int,
    media_type: str | None,
    own: Mapping[str, str],
    cookies: tuple[str, ...] = (),
) -> Response:
    lines = [*own.items(), *(("Set-Cookie", cookie) for cookie in cookies)]
    if media_type is not None:
        lines.append(("Content-Type", media_type))
        if isinstance(body, bytes):
            lines.append(("Content-Length", str(len(body))))
    for name, value in lines:
        if "\n" in value or "\r" in value:
            raise ValueError(f"the header {name} has a line break")
    found = Headers()
    found._list = lines  # as `Headers` would copy them, one by one, with checks of names that are ours
    return Written([body] if isinstance(body, bytes) else body, status, found)
