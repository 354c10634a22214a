"""Serve a function straight from the application that functions-framework makes.

functions-framework loads the function, which is its contract with Cloud Run, and then answers through Flask: routing,
contexts, signals and an execution id, none of which the boundary uses, at a third of the time of a small request. So
the function takes the place of all that. What Flask would answer by itself (/robots.txt, a bad Host) is answered by the
boundary like everything else, and the sidecar reads the metrics here.
"""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import flask
from werkzeug.wrappers import Request, Response

from common.domain.catalogue import Entry
from common.engine.context import Context
from common.http import boundary
from common.http.boundary import Function
from common.observability import metrics
from common.observability import trace as tracing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LOOPBACK = ("127.0.0.1", "::1")
_METRICS = "/metrics"
_NOBODYS = ("/robots.txt", "/favicon.ico")  # what crawlers ask of every host


def adopt(app: flask.Flask, entry: Entry, function: Function, context_of: Callable[[], Context]) -> None:
    """Have an application answer with this function alone.

    Whatever function this is, a scrape of GET /metrics from its own host reads the series of this process.
    """
    answer = function if entry.http else _pushed(entry, function, context_of)
    scraped = _METRICS if entry.http is None or entry.http.path != _METRICS else ""  # which answers that by itself

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        response = _scraped(request) if environ.get("PATH_INFO") == scraped else None
        return (response or answer(request))(environ, start_response)

    app.wsgi_app = serve  # type: ignore[method-assign]


def _pushed(entry: Entry, function: Function, context_of: Callable[[], Context]) -> Function:
    """A background function with what the boundary does for an endpoint: a trace, the headers and a count."""

    def answer(request: Request) -> Response:
        if request.path in _NOBODYS:
            return boundary.unrouted(request, context_of)
        began = time.perf_counter()
        trace = boundary.trace_of(request)
        before = tracing.enter(trace)
        try:
            response = function(request)
        finally:
            tracing.leave(before)
        metrics.answered(entry.name, request.method, response.status_code, time.perf_counter() - began)
        return boundary.finish(request, response, trace)

    return answer


def _scraped(request: Request) -> Response | None:
    # What came in from outside came through a proxy, which says so.
    if request.remote_addr not in _LOOPBACK or "X-Forwarded-For" in request.headers:
        return None
    return boundary.finish(request, Response(metrics.text(), content_type=metrics.MEDIA_TYPE))
