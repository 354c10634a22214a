"""One port for everything, over real connections: functions, files in ranges, live endpoints, and what is none."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from common import runtime
from common.http.headers import SECURITY
from scripts.local.front import Front
from scripts.local.gateway import Gateway
from tests.http_world import clock, context, posted
from tests.live_world import born, dial, hear_out, hosted, tell

__all__ = ["clock", "context", "posted"]

ANN = {"Authorization": "Bearer user:ann"}
FILM = bytes(range(256)) * 20_000  # 5 MB


@pytest.fixture
def where(context: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(runtime, "_current", context)
    front = Front(Gateway(context), context)
    with hosted(front, front.live) as found:
        yield found


@pytest.fixture
def client(where: str) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(where, timeout=20)
    yield connection
    connection.close()


def ask(client: Any, method: str, path: str, body: Any = None, **headers: str) -> tuple[Any, bytes]:
    client.request(method, path, body, {**ANN, **{name.replace("_", "-"): value for name, value in headers.items()}})
    response = client.getresponse()
    return response, response.read()


def test_functions_and_live_endpoints_answer_on_one_port(client, where, context):
    body = json.dumps({"content": "How lighthouses guided ships"})
    made, text = ask(client, "POST", "/pipeline/run", body, Content_Type="application/json")
    assert made.status == 202
    links = json.loads(text)["links"]
    pipeline = links["self"].rpartition("/")[2]
    tell(context, "pipeline.cancelled", pipeline, by="ann")
    with dial(where, links["socket"].partition("api.test")[2] + "?after=0", token="user:ann") as connection:
        heard, code, _ = hear_out(connection)
    assert ([said["type"] for said in heard], code) == (["snapshot", "pipeline.cancelled"], 1000)
    stream, told = ask(client, "GET", links["stream"].partition("api.test")[2] + "?after=0")
    assert stream.status == 200
    assert told.count(b"data: ") == 2


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("", 0, len(FILM)), ("bytes=0-99", 0, 100), ("bytes=1000000-", 1_000_000, len(FILM)), ("bytes=-7", -7, len(FILM))],
)
def test_films_are_served_whole_and_in_ranges(client, context, asked, start, end):
    context.objects.put("delivery/p1/video.mp4", FILM, content_type="video/mp4")
    url = context.objects.signed_url("delivery/p1/video.mp4", seconds=60).removeprefix("http://api.test")
    for _ in range(2):  # on one connection
        response, got = ask(client, "GET", url, **({"Range": asked} if asked else {}))
        assert response.status == (206 if asked else 200)
        assert got == FILM[start:end]
        assert response.getheader("Content-Length") == str(len(got))
        assert {name: response.getheader(name) for name in SECURITY if name != "Content-Security-Policy"} == {
            name: value for name, value in SECURITY.items() if name != "Content-Security-Policy"
        }
    head, nothing = ask(client, "HEAD", url)
    assert (head.getheader("Content-Length"), nothing) == (str(len(FILM)), b"")


def test_who_sends_too_much_sees_why_and_may_go_on(client):
    response, text = ask(client, "POST", "/pipeline/run", b"x" * 12_000_000, Content_Type="application/json")
    assert (response.status, json.loads(text)["code"]) == (413, "body_too_large")
    assert ask(client, "GET", "/health")[0].status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/sweep", 404),
        ("DELETE", "/pipeline/p1/events/stream", 405),
        ("GET", "/ws/pipeline/p1", 426),
        ("GET", "/pipeline/p1/events/stream", 404),
        ("PUT", "/presets", 405),
    ],
)
def test_everything_else_is_refused_in_the_same_shape(client, context, method, path, status):
    born(context, owner="bob")
    response, text = ask(client, method, path)
    assert (response.status, json.loads(text)["status"]) == (status, status)
    assert response.getheader("Content-Type") == "application/problem+json"
    assert {name: response.getheader(name) for name in SECURITY} == dict(SECURITY)
