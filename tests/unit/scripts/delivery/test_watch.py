"""A canary passes when enough requests came and few of them failed, as Cloud Monitoring counts them."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from scripts.delivery import watch


@dataclass
class World:
    """A service, and what Cloud Monitoring says of it."""

    requests: float | None = 500
    failures: float | None = None
    status: int = 200
    url: str = ""
    visited: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)


@pytest.fixture
def world(monkeypatch) -> Iterator[World]:
    world = World()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if not parts.query:
                world.visited.append(self.path)
                self.send_error(401)
                return
            [query] = parse_qs(parts.query)["query"]
            world.queries.append(query)
            found = world.failures if "5xx" in query else world.requests
            rows = [] if found is None else [{"value": [0, str(found)]}]
            self.send_response(world.status if self.headers["Authorization"] == "Bearer mine" else 403)
            self.end_headers()
            self.wfile.write(json.dumps({"data": {"result": rows}}).encode())

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    world.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    monkeypatch.setenv("TOKEN", "mine")
    monkeypatch.setattr(watch, "SENT", 4)
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def watched(world: World) -> int:
    words = (
        f"--project p --region us-west1 --minutes 2 --errors 0.02 --requests 100 --monitoring {world.url} --seconds 0"
    )
    return watch.main([world.url, *words.split()])


def test_a_canary_that_answers_passes_and_was_sent_requests(world):
    assert watched(world) == 0
    assert len(world.visited) == 8
    assert set(world.visited) == set(watch.PATHS)
    assert all('location="us-west1"' in query for query in world.queries)


def test_failures_above_the_share_end_it_at_once(world, capsys):
    world.failures = 11
    assert watched(world) == 1
    assert len(world.visited) == 4
    assert "11 of the canary's 500 requests failed" in capsys.readouterr().err
    world.failures = 10
    assert watched(world) == 0


@pytest.mark.parametrize("requests", [None, 99])
def test_too_few_requests_are_no_pass(world, capsys, requests):
    world.requests, world.failures = requests, None
    assert watched(world) == 1
    assert "100 are needed" in capsys.readouterr().err


def test_who_is_refused_by_monitoring_is_told_so_and_an_answer_may_fail_to_come(world, capsys, monkeypatch):
    world.status = 503
    assert watched(world) == 1
    assert "100 are needed" in capsys.readouterr().err
    monkeypatch.setenv("TOKEN", "another")
    world.status = 200
    assert watched(world) == 1
    assert "refuses to say" in capsys.readouterr().err


def test_a_canary_that_answers_slowly_gets_fewer_requests_in_its_minute(world, monkeypatch):
    moments = iter(range(0, 1000, 3))
    monkeypatch.setattr(watch.time, "monotonic", lambda: float(next(moments)))
    monkeypatch.setattr(watch.time, "sleep", lambda seconds: None)
    watch.visit(world.url, 0.0)
    assert len(world.visited) == 1
