"""Progress as server-sent events: what a browser's EventSource needs, and nothing held for whoever left."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from werkzeug.test import Client

from common.http.headers import SECURITY
from common.http.live import feed, recheck, stream
from common.platform.identity import InvalidToken
from tests.http_world import routed
from tests.live_world import born, hosted, live_app, tell

ANN = {"Authorization": "Bearer user:ann"}
PATH = "/pipeline/p1/events/stream"


def told(lines: Iterator[str], many: int) -> list[tuple[str, dict[str, Any]]]:
    """The next server-sent events: id and data."""
    found: list[tuple[str, dict[str, Any]]] = []
    number = ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "id":
            number = value
        if name == "data":
            found.append((number, json.loads(value)))
        if len(found) == many:
            break
    return found


def open_stream(where: str, path: str = PATH, **headers: str) -> Any:
    return httpx.stream("GET", f"http://{where}{path}", headers={**ANN, **headers}, timeout=20)


def test_a_snapshot_then_events_in_order_then_the_end(where, context):
    born(context)
    tell(context)
    with open_stream(where) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert "no-store" in answer.headers["Cache-Control"]
        assert {name: answer.headers.get(name) for name in SECURITY} == dict(SECURITY)
        assert answer.headers["X-Request-Id"]
        lines = answer.iter_lines()
        assert next(lines) == "retry: 2000"
        [(number, snapshot)] = told(lines, 1)
        assert (number, snapshot["type"], snapshot["data"]["seq"]) == ("1", "snapshot", 1)
        tell(context, step="render", key="render", progress=0.5)
        tell(context, "pipeline.failed", step="render", code="too_long", detail="It is too long.")
        rest = told(lines, 9)
    assert [(number, said["type"]) for number, said in rest] == [("2", "pipeline.progress"), ("3", "pipeline.failed")]
    assert rest[1][1]["data"]["error"]["detail"] == "It is too long."


@pytest.mark.parametrize("path", [PATH + "?after=1", PATH])
def test_a_client_that_comes_back_gets_what_it_missed(where, context, path):
    born(context)
    for _ in range(3):
        tell(context)
    headers = {} if "after" in path else {"Last-Event-ID": "1"}
    with open_stream(where, path, **headers) as answer:
        found = told(answer.iter_lines(), 3)
    assert [number for number, _ in found] == ["1", "2", "3"]


def test_a_browser_that_has_everything_is_told_to_stay_away(where, context):
    born(context)
    tell(context)
    tell(context, "pipeline.cancelled", by="ann")
    with open_stream(where, **{"Last-Event-ID": "1"}) as answer:
        assert answer.status_code == 200
        assert len(told(answer.iter_lines(), 9)) == 2
    with open_stream(where, **{"Last-Event-ID": "2"}) as answer:
        assert (answer.status_code, answer.read()) == (204, b"")
    with open_stream(where) as answer:
        assert [said["type"] for _, said in told(answer.iter_lines(), 9)] == ["snapshot"]


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        (PATH, {"Authorization": "Bearer nobody"}, 401, "unauthenticated"),
        (PATH, {"Authorization": ""}, 401, "unauthenticated"),
        (PATH, {"Authorization": "Bearer user:bob"}, 404, "not_found"),
        ("/pipeline/none/events/stream", {}, 404, "not_found"),
        (PATH + "?after=9", {}, 400, "no_such_event"),
        (PATH, {"Last-Event-ID": "x"}, 400, "no_such_event"),
        (PATH, {"Last-Event-ID": "²"}, 400, "no_such_event"),
        (PATH + "?after=-1", {}, 422, "invalid_request"),
        (PATH + "?token=x", {}, 422, "invalid_request"),
        ("/ws/pipeline/p1", {}, 426, "upgrade_required"),
        ("/ws/pipeline/p1", {"Upgrade": "websocket"}, 426, "upgrade_required"),
        ("/nothing", {}, 404, "not_found"),
    ],
)
def test_a_refusal_is_a_problem_with_the_security_headers(where, context, path, headers, status, code):
    born(context)
    encoded = {name: value.encode() for name, value in {**ANN, **headers}.items()}
    answer = httpx.get(f"http://{where}{path}", headers=encoded)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {name: answer.headers.get(name) for name in SECURITY} == dict(SECURITY)


def test_a_method_that_is_none_is_405(where, context):
    answer = httpx.post(f"http://{where}{PATH}", headers=ANN, content=b"x" * 100)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_head_has_the_headers_and_ends(where, context):
    born(context)
    answer = httpx.head(f"http://{where}{PATH}", headers=ANN)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert not feed._open["ann"]


def test_a_comment_comes_where_there_is_nothing_to_say(where, context, monkeypatch):
    monkeypatch.setattr(feed, "PING_SECONDS", 0.05)
    born(context)
    with open_stream(where) as answer:
        lines = answer.iter_lines()
        assert ": ping" in [next(lines) for _ in range(9)]


def test_whoever_leaves_frees_what_was_held(where, context):
    born(context)
    for _ in range(3):
        with open_stream(where) as answer:
            told(answer.iter_lines(), 1)
    until = time.monotonic() + 20
    while feed._open["ann"] and time.monotonic() < until:
        time.sleep(0.01)
    assert not feed._open["ann"]


def test_a_role_that_is_taken_away_ends_the_stream(where, context, monkeypatch):
    born(context)
    monkeypatch.setattr(recheck, "SECONDS", 0.0)
    with open_stream(where) as answer:
        lines = answer.iter_lines()
        told(lines, 1)

        def revoked(*_: Any) -> Any:
            raise InvalidToken("it was revoked")

        monkeypatch.setattr(type(context.identity), "verify", revoked)
        tell(context)
        assert told(lines, 9) == []


def test_a_server_that_ends_ends_its_streams_in_order(context):
    born(context)
    app = live_app(context)
    with hosted(app, app) as where:
        answer = httpx.Client(timeout=20)
        response = answer.send(answer.build_request("GET", f"http://{where}{PATH}", headers=ANN), stream=True)
        lines = response.iter_lines()
        told(lines, 1)
    assert told(lines, 9) == []  # the last chunk came: an answer that was cut off would raise
    answer.close()


def test_a_host_that_cannot_wait_answers_what_there_is(context):
    born(context)
    tell(context)
    tell(context)
    answer = Client(routed(context)).get(PATH + "?after=0", headers=ANN)
    found = told(iter(answer.text.splitlines()), 9)
    assert [number for number, _ in found] == ["0", "1", "2"]
    answer.close()
    assert not feed._open["ann"]


def test_a_client_that_takes_nothing_is_let_go(where, context, monkeypatch):
    monkeypatch.setattr(stream, "SLOW_SECONDS", 0.3)
    born(context)
    host, port = where.split(":")
    with socket.create_connection((host, int(port))) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer user:ann\r\n\r\n".encode())
        assert slow.recv(15) == b"HTTP/1.1 200 OK"
        until = time.monotonic() + 60
        while feed._open["ann"] and time.monotonic() < until:
            tell(context, step="s", key="k" * 60_000, progress=0.1)
            time.sleep(0.01)  # else the log may grow faster than a busy machine reads it
        assert not feed._open["ann"]
