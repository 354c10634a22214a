"""The one boundary around every endpoint: what passes is routed, counted, identified, allowed, bounded and typed.

In this order, the cheap before the expensive: route, quota of the address, who calls and whether they may, quota of the
caller, body, query, idempotency, handler. What leaves has the same headers, the same shape of errors, one line in
the log and one count in the metrics, whatever happened inside.
"""

import dataclasses
import logging
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from common.domain.catalogue import Catalogue, Entry
from common.domain.model import Model
from common.engine.context import Context
from common.http import address, body, cors, headers, idempotency, query, respond
from common.http.call import ANYONE, Answer, Call, Empty
from common.http.limits import Limits
from common.http.problem import Problem, internal, not_found, unavailable
from common.observability import metrics
from common.observability import trace as tracing
from common.observability.trace import Trace
from common.platform.away import AWAY
from common.platform.documents import Conflict

Function = Callable[[Request], Response]

log = logging.getLogger(__name__)

_EMPTY = Empty()


def endpoint(entry: Entry, module: ModuleType, context_of: Callable[[], Context]) -> Function:
    """The HTTP function of a catalogue entry: `module.handle`, typed by `module.Body` and `module.Query`, if any."""
    handle: Callable[[Call[Any]], Answer] = module.handle
    model: type[Model] = getattr(module, "Body", Empty)
    asked: type[Model] | None = getattr(module, "Query", None)
    limits, public = Limits(entry), entry.roles == "public"
    if not public:
        # Verifying tokens takes a third of a second to import, which what everybody may call starts without.
        from common.http import identity
    reads = entry.http is not None and entry.http.method in ("POST", "PUT", "PATCH")

    def function(request: Request) -> Response:
        quotas: dict[str, str] = {}

        def answer(context: Context, request_id: str) -> Answer:
            params = _route(entry, request, context.catalogue)
            if params is None:
                return _elsewhere(context, request, quotas)
            client = address.client(request, context.settings.trusted_proxies)
            quotas.update(limits.of_address(context, client))
            caller = ANYONE if public else identity.authenticate(entry, request, context)
            quotas.update(limits.of_caller(context, caller, quotas))
            typed = body.parse(body.read(request), request.headers, model) if reads else _EMPTY
            wanted = query.read(request, asked)

            def perform(new_id: str) -> Answer:
                sent = request.headers
                return handle(Call(context, caller, params, wanted, typed, request_id, new_id, sent, client))

            key = request.environ.get("HTTP_IDEMPOTENCY_KEY")
            if key is not None and entry.unrepeatable:
                raise idempotency.not_taken()
            if key is not None and entry.idempotent:
                return idempotency.once(context, caller.id, request.method, request.path, key, typed, perform)
            return perform(context.new_id())

        return guarded(request, context_of, answer, function=entry.name, public=public, quotas=quotas)

    function.__name__ = function.__qualname__ = entry.name
    return function


def unrouted(request: Request, context_of: Callable[[], Context]) -> Response:
    """The answer to a request that no endpoint serves: to a browser's preflight, 404, or 405 with what would do."""
    quotas: dict[str, str] = {}
    return guarded(request, context_of, lambda context, _id: _elsewhere(context, request, quotas), quotas=quotas)


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
    quotas: dict[str, str] | None = None,
) -> Response:
    """Run what answers a request, and turn whatever comes of it into a response; nothing is raised.

    `quotas` are headers that `answer` may fill in while it runs.
    """
    began = time.perf_counter()
    trace = trace_of(request)
    before = tracing.enter(trace)
    context: Context | None = None
    try:
        found: Answer | Response | Problem
        try:
            context = context_of()
            if context.settings.project:
                trace = dataclasses.replace(trace, project=context.settings.project)
                tracing.enter(trace)
            found = answer(context, trace.request_id)
        except Exception as error:
            found = _refusal(error, function, trace.request_id)
        common = _common(request, trace, context, quotas)
        base = context.settings.public_url if context else ""
        response = _written(request, found, common, public=public, base=base, function=function)
        body.discard(request)
        seconds = time.perf_counter() - began
        metrics.answered(function, request.method, response.status_code, seconds)
        client = address.client(request, context.settings.trusted_proxies if context else 0)
        _log(request, response, function, client, seconds)
    finally:
        tracing.leave(before)
    return response


def finish(request: Request, response: Response, trace: Trace | None = None) -> Response:
    """Put on a response that did not come from here the headers that every response has."""
    return respond.dress(response, _common(request, trace or trace_of(request), None, None))


def trace_of(request: Request) -> Trace:
    """The trace of a request, by its headers."""
    sent = request.environ
    given = headers.request_id(sent.get("HTTP_X_REQUEST_ID", ""))
    return tracing.read(given, sent.get("HTTP_TRACEPARENT", ""), sent.get("HTTP_X_CLOUD_TRACE_CONTEXT", ""))


def _common(request: Request, trace: Trace, context: Context | None, quotas: dict[str, str] | None) -> dict[str, str]:
    origins: frozenset[str] = context.settings.origins if context else frozenset()
    return {
        **headers.SECURITY,
        "X-Request-Id": trace.request_id,
        "Traceparent": trace.traceparent,
        **cors.headers(request.environ.get("HTTP_ORIGIN"), origins),
        **(quotas or {}),
    }


def _refusal(error: Exception, function: str, request_id: str) -> Problem:
    """What to tell the client of whatever was raised, after it was logged where it is not the client's doing."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):  # Werkzeug's own words about a request that it cannot read
        return Problem(400, "bad_request", "The request ended early, or a part of it cannot be read.")
    if isinstance(error, (*AWAY, Conflict)):  # or so many rivals that none of our commits got through
        log.warning("the outside is away", extra={"function": function, "request_id": request_id, "reason": str(error)})
        return unavailable()
    log.error("request failed", exc_info=error, extra={"function": function, "request_id": request_id})
    return internal()


def _written(
    request: Request,
    found: Answer | Response | Problem,
    common: dict[str, str],
    *,
    public: bool,
    base: str,
    function: str,
) -> Response:
    try:
        if isinstance(found, Response):
            return respond.dress(found, common)
        if isinstance(found, Answer):
            return respond.answer(request, found, common, public=public)
    except Exception as error:  # an answer that cannot be written
        found = _refusal(error, function, common["X-Request-Id"])
    return respond.problem(request, found, common, base=base)


def _route(entry: Entry, request: Request, catalogue: Catalogue) -> dict[str, str] | None:
    """The path's parameters; None for a request that is not this endpoint's."""
    assert entry.http is not None
    if entry.http.variable and catalogue.is_fixed(request.path):
        return None
    if request.method != entry.http.method and (request.method != "HEAD" or entry.http.method != "GET"):
        return None
    return entry.http.match(request.path)


def _elsewhere(context: Context, request: Request, quotas: dict[str, str]) -> Answer:
    """Answer a request that no endpoint takes; it counts for its address like any other."""
    quotas.update(Limits().of_address(context, address.client(request, context.settings.trusted_proxies)))
    allowed = [*context.catalogue.methods(request.path)]
    if not allowed:
        raise not_found("Nothing is served at this path.")
    if cors.is_preflight(request.method, request.headers):
        return cors.preflight(request.headers, context.settings.origins, allowed)
    if "GET" in allowed:
        allowed.append("HEAD")
    listed = ", ".join(sorted(allowed))
    raise Problem(
        405,
        "method_not_allowed",
        f"This path does not take {request.method[:20]}; use {listed}.",
        headers={"Allow": listed},
        facts={"allowed_methods": sorted(allowed)},
    )


def _log(request: Request, response: Response, function: str, client: str, seconds: float) -> None:
    log.info(
        "%s %s %d",
        request.method,
        request.path,
        response.status_code,
        extra={
            "function": function,
            # The path alone: a query string may carry what nobody else should read.
            "httpRequest": {
                "requestMethod": request.method,
                "requestUrl": request.path,
                "status": response.status_code,
                "latency": f"{seconds:.6f}s",
                "remoteIp": client,
                "userAgent": request.environ.get("HTTP_USER_AGENT", "")[:200],
            },
        },
    )
