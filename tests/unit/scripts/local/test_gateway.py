"""The gateway: routes of the catalogue, deliveries, and a process left as it was."""

import json
import os
import sys
import threading
from typing import Any

import pytest
from werkzeug.test import Client

from common import runtime
from common.engine import control
from common.http.headers import SECURITY
from scripts.local import gateway
from scripts.local.gateway import Gateway
from tests.http_world import clock, context, posted

__all__ = ["clock", "context", "posted"]

USER = {"Authorization": "Bearer user:ann"}


@pytest.fixture
def world(context: Any, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    monkeypatch.setattr(runtime, "_current", context)
    return Gateway(context)


def test_endpoints_are_reached_by_their_routes(world, context):
    client = Client(world)
    assert client.get("/health").json["status"] == "ok"
    assert client.head("/presets").status_code == 200
    made = client.post("/pipeline/run", json={"content": "How lighthouses guided ships"}, headers=USER)
    assert made.status_code == 202
    assert client.get(f"/pipeline/{made.json['id']}", headers=USER).json["id"] == made.json["id"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/nothing", 404),
        ("POST", "/analyze", 404),
        ("POST", "/sweep", 404),
        ("POST", "/dead_letter", 404),
        ("GET", "/robots.txt", 404),
        ("GET", "/pipeline/run/", 404),
        ("PUT", "/presets", 405),
        ("GET", "/pipeline/a/cancel", 405),
        ("GET", "/objects/", 403),
        ("POST", "/objects/x", 405),
    ],
)
def test_everything_else_is_refused_in_the_same_shape(world, method, path, status):
    response = Client(world).open(path, method=method)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert {name: response.headers.get(name) for name in SECURITY} == dict(SECURITY)


def test_deliveries_reach_background_functions_only(world, context):
    made = Client(world).post("/pipeline/run", json={"content": "How lighthouses guided ships"}, headers=USER).json
    data = {"pipeline_id": made["id"], "step": "analyze", "key": "analyze"}
    assert world.deliver("analyze", json.dumps(data).encode(), {"Content-Type": "application/json"}) == 204
    assert control.load(context, made["id"]).stage == "direct"
    assert world.deliver("sweep", b"{}", {}) == 204
    assert world.deliver("health", b"", {}) == 404
    assert world.deliver("no_such", b"", {}) == 404


def test_loading_many_functions_leaves_the_process_as_it_was(world):
    path, environment, main = list(sys.path), dict(os.environ), sys.modules.get("main")
    for name in ("health", "presets", "sweep", "dead_letter", "cancel_pipeline"):
        gateway.load(name)
    assert sys.path == path
    assert dict(os.environ) == environment
    assert sys.modules.get("main") is main


def test_functions_loaded_at_once_do_not_mix(world):
    answers: list[Any] = []
    barrier = threading.Barrier(6)

    def ask(path: str) -> None:
        barrier.wait()
        answers.append((path, Client(world).get(path).status_code))

    paths = ["/health", "/presets", "/pipeline/x"] * 2
    threads = [threading.Thread(target=ask, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [("/health", 200)] * 2 + [("/pipeline/x", 401)] * 2 + [("/presets", 200)] * 2


def test_a_function_that_cannot_be_loaded_is_500_and_the_others_work(world, monkeypatch, caplog):
    def load(name: str) -> Any:
        if name == "presets":
            raise ImportError("a module is missing")
        return real(name)

    real = gateway.load
    monkeypatch.setattr(gateway, "load", load)
    client = Client(world)
    broken = client.get("/presets")
    assert (broken.status_code, broken.json["code"]) == (500, "internal")
    assert "module is missing" not in broken.text
    assert "module is missing" in caplog.text
    assert client.get("/health").status_code == 200
