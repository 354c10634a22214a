"""Make the pages that functions-framework serves by itself look like ours."""

from collections.abc import Callable

import flask
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from common.engine.context import Context
from common.http import boundary
from common.http.call import Answer
from common.http.problem import Problem


def adopt(app: flask.Flask, context_of: Callable[[], Context]) -> None:
    """Have the boundary answer the framework's own 404s (/robots.txt), take paths as sent, mark every response."""
    app.url_map.merge_slashes = False

    def refuse(error: HTTPException) -> Response:
        if error.code == 404:
            return boundary.unrouted(flask.request, context_of)

        def answer(_context: Context, _request_id: str) -> Answer:
            raise Problem(error.code or 400, "bad_request", "The request is malformed, for example its Host header.")

        return boundary.guarded(flask.request, context_of, answer)

    def mark(response: flask.Response) -> flask.Response:
        if "X-Request-Id" not in response.headers:  # else the boundary has answered
            boundary.finish(flask.request, response)
        return response

    app.register_error_handler(HTTPException, refuse)
    app.after_request(mark)
