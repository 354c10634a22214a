from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.engine.context import Context
from tests.http_world import clock, context, posted, routed

__all__ = ["clock", "context", "posted"]


@pytest.fixture
def client(context: Context) -> Client:
    """A client of all endpoints that keeps no cookies by itself, so that a test says what is sent."""
    return Client(routed(context), Response, use_cookies=False)


@pytest.fixture
def call(client: Client) -> Callable[..., Any]:
    """call("GET", "/path", "user:ann", json=...)."""

    def send(method: str, path: str, token: str = "user:ann", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        return client.open(path, method=method, headers=headers, **more)

    return send


@pytest.fixture
def login(client: Client) -> Callable[..., Any]:
    """login("user:ann") with the ID token of a provider; further fields of the body by name."""

    def send(token: str, **more: Any) -> Any:
        return client.post("/auth/login", json={"id_token": token, **more})

    return send
