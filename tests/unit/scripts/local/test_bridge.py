"""WSGI behind a real server: bodies both ways, refusals, and clients that are slow or leave."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Request, Response

from common.http.headers import SECURITY
from scripts.local import bridge
from scripts.local.bridge import Bridge
from tests.live_world import hosted

Answer = Callable[[Request], Response]
LARGE = bytes(range(256)) * 8192  # 2 MiB


class App:
    """A WSGI application whose answer each test chooses."""

    answer: Answer

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        return self.answer(Request(environ))(environ, start_response)


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def client(app: App) -> Iterator[http.client.HTTPConnection]:
    with hosted(Bridge(app, 2, 10_000_000), None) as where:
        connection = http.client.HTTPConnection(where, timeout=20)
        yield connection
        connection.close()


def ask(client: Any, method: str = "GET", path: str = "/", body: Any = None, **headers: str) -> tuple[Any, bytes]:
    client.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = client.getresponse()
    return response, response.read()


@pytest.mark.parametrize("size", [0, 1, bridge.PIECE - 1, bridge.PIECE, bridge.PIECE + 1, 5 * bridge.PIECE])
def test_a_body_comes_whole_and_goes_back_whole(app, client, size):
    app.answer = lambda request: Response(request.get_data())
    sent = LARGE[:size]
    for _ in range(2):  # on one connection
        response, got = ask(client, "POST", body=sent)
        assert (response.status, got) == (200, sent)
        assert response.getheader("Content-Length") == str(size)


def test_a_large_body_is_read_by_the_piece_while_it_comes(app, client):
    app.answer = lambda request: Response(f"{sum(map(len, iter(lambda: request.stream.read(10_000), b'')))}")
    chunks = (LARGE[:100_000] for _ in range(50))
    response, got = ask(client, "POST", body=chunks)
    assert (response.status, got) == (200, b"5000000")


def test_what_is_too_large_by_its_own_word_is_413_and_the_connection_goes_on(app, client):
    app.answer = lambda request: Response("read")
    response, got = ask(client, "POST", body=b"x" * 10_000_001)
    assert (response.status, json.loads(got)["code"]) == (413, "body_too_large")
    assert {name: response.getheader(name) for name in SECURITY} == dict(SECURITY)
    assert ask(client)[1] == b"read"


def test_a_body_that_nobody_reads_is_no_obstacle(app, client):
    app.answer = lambda request: Response("not read", 413)
    assert ask(client, "POST", body=LARGE * 2)[1] == b"not read"
    assert ask(client, "POST", body=b"")[1] == b"not read"


def test_a_head_and_a_304_have_no_body(app, client):
    app.answer = lambda request: Response(LARGE) if request.method == "HEAD" else Response(status=304)
    response, got = ask(client, "HEAD")
    assert (got, response.getheader("Content-Length")) == (b"", str(len(LARGE)))
    response, got = ask(client)
    assert (response.status, got) == (304, b"")


def test_the_request_arrives_as_it_was_sent(app, client):
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        seen.append(request)
        return Response("ok")

    app.answer = answer
    ask(client, "POST", "/a%2Fb//c%C3%A9?x=%26&y", b"{}", X_One="1", Content_Type="application/json")
    [request] = seen
    assert request.path == "/a/b//cé"
    assert request.query_string == b"x=%26&y"
    assert (request.headers["X-One"], request.content_type, request.content_length) == ("1", "application/json", 2)
    assert request.remote_addr == "127.0.0.1"


def test_a_header_with_an_underscore_never_passes_for_another(app, client):
    app.answer = lambda request: Response(request.headers.get("X-Api-Key", "none"))
    client.putrequest("GET", "/")
    client.putheader("X_Api_Key", "forged")
    client.endheaders()
    assert client.getresponse().read() == b"none"


def test_an_application_that_breaks_is_500_in_the_same_shape(app, client, caplog):
    def answer(request: Request) -> Response:
        raise RuntimeError("secret")

    app.answer = answer
    response, got = ask(client)
    assert (response.status, json.loads(got)["code"]) == (500, "internal")
    assert b"secret" not in got
    assert "secret" in caplog.text
    assert {name: response.getheader(name) for name in SECURITY} == dict(SECURITY)


class Made:
    """An endless answer that counts what was taken of it."""

    def __init__(self) -> None:
        self.pieces = 0
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self.pieces += 1
        return LARGE[:65_536]

    def close(self) -> None:
        self.closed.set()


def test_slow_clients_hold_no_thread_and_what_they_do_not_take_is_not_made(app, client):
    made = [Made() for _ in range(4)]  # twice as many as there are threads
    left = iter(made)
    app.answer = lambda request: Response("quick") if request.path == "/" else Response(next(left))
    slow = [socket.create_connection((client.host, client.port), timeout=20) for _ in made]
    for connection in slow:
        connection.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(10)
    assert ask(client)[1] == b"quick"
    time.sleep(0.2)
    before = [one.pieces for one in made]
    time.sleep(0.2)
    assert [one.pieces for one in made] == before
    for connection in slow:
        connection.close()
    assert all(one.closed.wait(20) for one in made)
    assert ask(client)[1] == b"quick"


def test_a_client_that_leaves_in_the_middle_of_its_body_is_noticed(app, client):
    found: list[BaseException] = []
    over = threading.Event()

    def answer(request: Request) -> Response:
        try:
            request.stream.read()
        except BaseException as error:
            found.append(error)
        over.set()
        return Response("nobody hears")

    app.answer = answer
    with socket.create_connection((client.host, client.port), timeout=20) as connection:
        connection.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n" + LARGE)
    assert over.wait(20)
    assert isinstance(found[0], ClientDisconnected)
    app.answer = lambda request: Response("still here")
    assert ask(client)[1] == b"still here"


def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(app, client):
    app.answer = lambda request: Response(request.get_data())
    with socket.create_connection((client.host, client.port), timeout=20) as connection:
        connection.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"abc")
        assert b"200 OK" in connection.recv(1000)


def test_whoever_has_no_answer_when_the_server_ends_is_told_so(app):
    asked, over = threading.Event(), threading.Event()

    def answer(request: Request) -> Response:
        asked.set()
        over.wait(20)
        return Response("too late")

    app.answer = answer
    with hosted(Bridge(app, 2, 10_000_000), None, grace=0.1) as where:
        connection = http.client.HTTPConnection(where, timeout=20)
        connection.request("GET", "/")
        assert asked.wait(20)
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())["code"]) == (503, "unavailable")
    assert response.headers["Retry-After"] == "2"
    over.set()
    connection.close()
