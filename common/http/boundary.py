"""The one boundary around every endpoint: what passes is routed, identified, allowed, bounded and typed.

What leaves has the same headers, the same shape of errors and one line in the log, whatever happened inside.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

from pydantic import BaseModel
from werkzeug.wrappers import Request, Response

from common.domain.catalogue import Catalogue, Entry
from common.domain.model import Model
from common.engine.context import Context
from common.http import body, conditional, headers, idempotency, identity, query
from common.http.call import Answer, Call, Empty
from common.http.problem import MEDIA_TYPE, Problem, internal, not_found, unavailable
from common.platform.away import AWAY
from common.platform.documents import Conflict

Function = Callable[[Request], Response]

log = logging.getLogger(__name__)


def endpoint(entry: Entry, module: ModuleType, context_of: Callable[[], Context]) -> Function:
    """The HTTP function of a catalogue entry: `module.handle`, typed by `module.Body` and `module.Query`, if any."""
    handle: Callable[[Call[Any]], Answer] = module.handle
    model: type[Model] = getattr(module, "Body", Empty)
    asked: type[Model] | None = getattr(module, "Query", None)

    def function(request: Request) -> Response:
        def answer(context: Context, request_id: str) -> Answer:
            params = _route(entry, context.catalogue, request)
            caller = identity.authenticate(entry, request, context)
            reads = request.method in ("POST", "PUT", "PATCH")
            typed = body.parse(body.read(request), request.headers, model) if reads else Empty()
            wanted = query.parse(request.args, asked) if asked else request.args

            def perform(new_id: str) -> Answer:
                sent = request.headers
                return handle(Call(context, caller, params, wanted, typed, request_id, new_id, sent, _address(request)))

            key = request.headers.get("Idempotency-Key")
            if entry.idempotent and key is not None:
                return idempotency.once(context, caller.id, request.method, request.path, key, typed, perform)
            return perform(context.new_id())

        return guarded(request, context_of, answer, function=entry.name, public=entry.roles == "public")

    function.__name__ = function.__qualname__ = entry.name
    return function


def unrouted(request: Request, context_of: Callable[[], Context]) -> Response:
    """The answer to a request that no endpoint serves: 404, or 405 with the methods that would do."""

    def answer(context: Context, _request_id: str) -> Answer:
        raise _misrouted(context.catalogue, request)

    return guarded(request, context_of, answer)


def broken(request: Request, context_of: Callable[[], Context]) -> Response:
    """The answer where the function itself could not be loaded; whoever noticed has logged why."""

    def answer(_context: Context, _request_id: str) -> Answer:
        raise internal()

    return guarded(request, context_of, answer)


def guarded(
    request: Request,
    context_of: Callable[[], Context],
    answer: Callable[[Context, str], Answer | Response],
    *,
    function: str = "",
    public: bool = True,
) -> Response:
    """Run what answers a request, and turn whatever comes of it into a response; nothing is raised."""
    began = time.monotonic()
    request_id = headers.request_id(request.headers)
    base = ""
    try:
        context = context_of()
        base = context.settings.public_url
        found = answer(context, request_id)
        response = found if isinstance(found, Response) else _respond(request, found, public=public)
    except Problem as problem:
        response = _refuse(request, problem, base, request_id)
    except (*AWAY, Conflict) as away:  # or so many rivals that none of our commits got through
        log.warning("the outside is away", extra={"function": function, "request_id": request_id, "reason": str(away)})
        response = _refuse(request, unavailable(), base, request_id)
    except Exception:
        log.exception("request failed", extra={"function": function, "request_id": request_id})
        response = _refuse(request, internal(), base, request_id)
    finish(request, response, request_id)
    _log(request, response, function, request_id, time.monotonic() - began)
    return response


def finish(request: Request, response: Response, request_id: str) -> Response:
    """Put on a response the headers that every response has."""
    for name, value in headers.SECURITY.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = request_id
    if trace := headers.traceparent(request.headers):
        response.headers["Traceparent"] = trace
    return response


def _route(entry: Entry, catalogue: Catalogue, request: Request) -> dict[str, str]:
    assert entry.http is not None
    method = "GET" if request.method == "HEAD" else request.method
    found = entry.http.pattern.fullmatch(request.path)
    if found is None or method != entry.http.method:
        raise _misrouted(catalogue, request)
    return found.groupdict()


def _misrouted(catalogue: Catalogue, request: Request) -> Problem:
    allowed = [*catalogue.methods(request.path)]
    if not allowed:
        return not_found("Nothing is served at this path.")
    if "GET" in allowed:
        allowed.append("HEAD")
    listed = ", ".join(sorted(allowed))
    return Problem(
        405,
        "method_not_allowed",
        f"This path does not take {request.method[:20]}; use {listed}.",
        headers={"Allow": listed},
        facts={"allowed_methods": sorted(allowed)},
    )


def _address(request: Request) -> str:
    return request.remote_addr or ""


def _respond(request: Request, answer: Answer, *, public: bool) -> Response:
    streamed = isinstance(answer.body, Iterator)
    response = _written(answer.body, answer.status, answer.headers, answer.media_type)
    for cookie in answer.cookies:
        response.headers.add("Set-Cookie", cookie)
    response.headers.setdefault("Cache-Control", headers.NOT_STORED if public else headers.PRIVATE)
    if request.method in ("GET", "HEAD") and answer.status == 200 and not streamed:
        tag = conditional.etag(response.get_data())
        response.headers["ETag"] = tag
        if conditional.fresh(request.headers.get("If-None-Match", ""), tag):
            response.status_code = 304
            response.set_data(b"")
            del response.headers["Content-Type"], response.headers["Content-Length"]
    return response


def _refuse(request: Request, problem: Problem, base: str, request_id: str) -> Response:
    document = problem.body(base=base, instance=request.path, request_id=request_id)
    response = _written(document, problem.status, problem.headers, MEDIA_TYPE)
    response.headers["Cache-Control"] = headers.NOT_STORED
    return response


def _written(value: Any, status: int, extra: Mapping[str, str], media_type: str = "application/json") -> Response:
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if media_type.endswith("json") and not isinstance(value, bytes | Iterator):
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        value = text.encode("utf-8", "replace")
    response = Response(value, status, content_type=media_type)
    response.headers.update(extra)
    return response


def _log(request: Request, response: Response, function: str, request_id: str, seconds: float) -> None:
    log.info(
        "%s %s %d",
        request.method,
        request.path,
        response.status_code,
        extra={
            "function": function,
            "request_id": request_id,
            "trace": headers.trace_id(request.headers),
            # The path alone: a query string may carry what nobody else should read.
            "httpRequest": {
                "requestMethod": request.method,
                "requestUrl": request.path,
                "status": response.status_code,
                "latency": f"{seconds:.6f}s",
            },
        },
    )
