"""Through functions-framework, a function answers by itself, and whatever it answers is dressed like the rest."""

import pytest
from werkzeug.test import Client

from common import runtime
from common.http.headers import SECURITY
from common.observability import metrics
from scripts.local.gateway import load


@pytest.fixture
def client(context, monkeypatch):
    monkeypatch.setattr(runtime, "_current", context)
    return lambda name: Client(load(name))


@pytest.mark.parametrize("path", ["/robots.txt", "/favicon.ico"])
@pytest.mark.parametrize("name", ["presets", "sweep"])
def test_what_crawlers_ask_of_every_host_is_404(client, name, path):
    response = client(name).get(path)
    assert (response.status_code, response.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize("host", ["", "a b", "<script>", "evil.example:99999", "[::1"])
def test_a_host_that_is_none_changes_nothing(client, host):
    response = client("health").get("/health", headers={"Host": host})
    assert response.status_code == 200
    assert host not in response.text or not host


def test_a_background_function_is_traced_counted_and_dressed(client, caplog):
    labels = {"function": "sweep", "method": "POST", "status": "204"}
    before = metrics.REGISTRY.get_sample_value("http_requests_total", labels) or 0
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    response = client("sweep").post("/", json={}, headers={"Traceparent": trace})
    assert response.status_code == 204
    assert response.headers["Traceparent"] == trace
    assert {name: response.headers.get(name) for name in SECURITY} == dict(SECURITY)
    assert metrics.REGISTRY.get_sample_value("http_requests_total", labels) == before + 1


def test_many_slashes_and_dots_are_taken_as_they_were_sent(client):
    for path in ("//health", "/health/", "/./health", "/health/../presets", "/HEALTH"):
        assert client("health").get(path).status_code == 404
