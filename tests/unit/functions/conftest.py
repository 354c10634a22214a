from collections.abc import Callable
from importlib import import_module
from typing import Any

import flask
import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.engine.context import Context
from common.http import boundary
from functions.catalogue import CATALOGUE
from tests.http_world import clock, context, posted

__all__ = ["clock", "context", "posted"]


@pytest.fixture
def client(context: Context) -> Client:
    """A client of all endpoints, routed by the catalogue; the functions see one context."""
    functions = {
        entry.name: boundary.endpoint(entry, import_module(entry.module), lambda: context)
        for entry in CATALOGUE.endpoints()
    }

    def app(environ: Any, start_response: Callable[..., Any]) -> Any:
        request = flask.Request(environ)
        method = "GET" if request.method == "HEAD" else request.method
        found = CATALOGUE.match(method, request.path)
        function = functions[found[0].name] if found else lambda r: boundary.unrouted(r, lambda: context)
        return function(request)(environ, start_response)

    return Client(app, Response)


@pytest.fixture
def call(client: Client) -> Callable[..., Any]:
    """call("GET", "/path", "user:ann", json=...)."""

    def send(method: str, path: str, token: str = "user:ann", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        return client.open(path, method=method, headers=headers, **more)

    return send
