"""SEC-1.8: the eight security headers, with exactly these values, on every response there is."""

import dataclasses
import gzip

import pytest
from werkzeug.test import Client

from common import runtime
from common.http import compression, limits
from common.http.call import Answer
from functions.catalogue import CATALOGUE
from scripts.local.gateway import load
from tests.unit.http.conftest import routes, serve  # noqa: F401

EXACT = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-XSS-Protection": "1; mode=block",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def check(response):
    found = {name: response.headers.getlist(name) for name in EXACT}
    assert found == {name: [value] for name, value in EXACT.items()}
    [policy] = response.headers.getlist("Content-Security-Policy")
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] in ("'none'", "'self'")
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert "unsafe-eval" not in policy
    assert "*" not in policy
    [permissions] = response.headers.getlist("Permissions-Policy")
    assert all(part.strip().endswith("=()") for part in permissions.split(","))
    assert response.headers["X-Request-Id"]
    assert response.headers["Traceparent"].startswith("00-")
    assert "Server" not in response.headers
    assert "X-Powered-By" not in response.headers


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
PATHS = sorted({entry.http.path.replace("{id}", "0123abcd") for entry in CATALOGUE.endpoints() if entry.http})


@pytest.mark.parametrize("path", [*PATHS, "/", "/nothing", "/pipeline/%00", "/pipeline/%ff", "//", "/.git/config"])
def test_sec_1_8_every_path_and_method_with_and_without_a_caller(client, path):
    for method in METHODS:
        for headers in ({}, {"Authorization": "Bearer admin:eve"}, {"Authorization": "Bearer forged"}):
            response = client.open(path, method=method, headers=headers, data=b"{broken")
            assert response.status_code < 500
            check(response)


def test_sec_1_8_too_large_unreadable_or_too_often(call, monkeypatch):
    for status, data, kind in (
        (413, b"x" * 10_000_001, "application/json"),
        (415, b"<a/>", "text/xml"),
        (400, b"{", "application/json"),
        (422, b"{}", "application/json"),
    ):
        response = call("POST", "/pipeline/run", data=data, content_type=kind)
        assert response.status_code == status
        check(response)
    monkeypatch.setattr(limits, "PER_ADDRESS", 0)
    check(call("GET", "/presets", headers={"Accept-Encoding": "gzip"}))


@pytest.mark.parametrize("path", ["/health", "/robots.txt", "/favicon.ico", "/nothing//here", "/health?x=%ff"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_sec_1_8_pages_of_functions_framework_itself(context, monkeypatch, method, path):
    monkeypatch.setattr(runtime, "_current", context)
    check(Client(load("health")).open(path, method=method))


def test_sec_1_8_a_crash_a_preflight_a_304_a_stream_and_gzip(serve, context):  # noqa: F811
    def crash(_call):
        raise RuntimeError("inside")

    response = serve("open", crash).get("/open")
    assert response.status_code == 500
    check(response)
    long = {"n": "x" * 3000}
    client = serve("open", lambda _call: Answer(body=long))
    small = client.get("/open", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(small.data)
    check(small)
    fresh = client.get("/open", headers={"If-None-Match": "*"})
    assert fresh.status_code == 304
    check(fresh)
    check(client.options("/open", headers={"Origin": "https://a.test", "Access-Control-Request-Method": "GET"}))
    check(serve("open", lambda _call: Answer(body=iter([b"a"]), media_type="video/mp4")).get("/open"))
    check(serve("open", lambda _call: Answer(body=float("nan"))).get("/open"))


def test_sec_1_8_a_page_may_widen_its_policy_and_nothing_else(serve):  # noqa: F811
    policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    page = Answer(body="<p>", media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy})
    response = serve("open", lambda _call: page).get("/open")
    assert response.headers.getlist("Content-Security-Policy") == [policy]
    check(response)


def test_sec_1_8_while_nothing_works_at_all(context):
    from werkzeug.test import EnvironBuilder
    from werkzeug.wrappers import Request

    from common.http import boundary

    def broken():
        raise RuntimeError("no context")

    response = boundary.unrouted(Request(EnvironBuilder(path="/x").get_environ()), broken)
    assert response.status_code == 500
    check(response)
    ours = dataclasses.replace(context)
    check(boundary.broken(Request(EnvironBuilder(path="/x").get_environ()), lambda: ours))


def test_sec_1_9_an_answer_with_a_token_is_never_compressed(client, monkeypatch):
    """Its length would tell of the token (BREACH)."""
    monkeypatch.setattr(compression, "LEAST", 1)
    packed = {"Accept-Encoding": "gzip"}
    assert client.get("/presets", headers=packed).headers["Content-Encoding"] == "gzip"
    tokens = client.post("/auth/login", json={"id_token": "user:ann"}, headers=packed)
    renewed = client.post("/auth/refresh", json={"refresh_token": tokens.json["refresh_token"]}, headers=packed)
    session = client.post("/auth/login", json={"id_token": "user:ann", "session": True}, headers=packed)
    for response in (tokens, renewed, session):
        assert response.status_code == 200
        assert "Content-Encoding" not in response.headers
