import dataclasses
import types
from collections.abc import Callable
from typing import Any

import flask
import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.domain.catalogue import Catalogue, parse
from common.engine.context import Context
from common.http import boundary
from tests.http_world import clock, context, posted

__all__ = ["clock", "context", "posted"]

ROUTES = """
defaults: {memory: 512Mi, cpu: 1, timeout: 60s, concurrency: 16, min: 0, max: 20}
functions:
  open: {summary: Anyone., http: GET /open, roles: public}
  thing: {summary: Read., http: "GET /things/{id}", roles: [admin, user]}
  make: {summary: Write., http: POST /things, roles: [admin, user], idempotent: true}
  mint: {summary: Make a secret., http: POST /secrets, roles: [admin, user], unrepeatable: true}
  drop: {summary: Remove., http: "DELETE /things/{id}", roles: [admin]}
"""


@pytest.fixture
def routes() -> Catalogue:
    return parse(ROUTES)


@pytest.fixture
def serve(context: Context, routes: Catalogue) -> Callable[..., Client]:
    """A client of one tiny endpoint, served as functions-framework would."""
    ours = dataclasses.replace(context, catalogue=routes)

    def make(name: str, handle: Callable[..., Any], body: Any = None) -> Client:
        module = types.ModuleType(name)
        module.handle = handle  # type: ignore[attr-defined]
        if body is not None:
            module.Body = body  # type: ignore[attr-defined]
        function = boundary.endpoint(routes[name], module, lambda: ours)

        def app(environ: Any, start_response: Any) -> Any:
            return function(flask.Request(environ))(environ, start_response)

        return Client(app, Response)

    return make
