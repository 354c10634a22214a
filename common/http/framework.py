"""Make the pages that functions-framework serves by itself look like ours, and let the sidecar read the metrics."""

from collections.abc import Callable

import flask
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from common.engine.context import Context
from common.http import boundary
from common.http.call import Answer
from common.http.problem import Problem
from common.observability import metrics

_LOOPBACK = ("127.0.0.1", "::1")


def adopt(app: flask.Flask, context_of: Callable[[], Context]) -> None:
    """Have the boundary answer the framework's own 404s (/robots.txt), take paths as sent, mark every response.

    Whatever function this is, a scrape of GET /metrics from its own host reads the series of this process.
    """
    app.url_map.merge_slashes = False

    def refuse(error: HTTPException) -> Response:
        if error.code == 404:
            return boundary.unrouted(flask.request, context_of)

        def answer(_context: Context, _request_id: str) -> Answer:
            raise Problem(error.code or 400, "bad_request", "The request is malformed, for example its Host header.")

        return boundary.guarded(flask.request, context_of, answer)

    def scrape() -> Response | None:
        sent = flask.request
        # What came in from outside came through a proxy, which says so.
        if sent.path != "/metrics" or sent.remote_addr not in _LOOPBACK or "X-Forwarded-For" in sent.headers:
            return None
        return Response(metrics.text(), content_type=metrics.MEDIA_TYPE)

    def mark(response: flask.Response) -> flask.Response:
        if "X-Request-Id" not in response.headers:  # else the boundary has answered
            boundary.finish(flask.request, response)
        return response

    app.register_error_handler(HTTPException, refuse)
    app.before_request(scrape)
    app.after_request(mark)
