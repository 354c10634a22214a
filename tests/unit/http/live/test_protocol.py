"""What the server itself refuses looks like everything else, and what is no refusal goes on."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from email import message_from_string
from typing import Any

import pytest

from common.http.headers import SECURITY
from common.http.live import protocol
from tests.live_world import hosted

Talk = Callable[..., tuple[int, dict[str, str], bytes]]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers a request with its method and body, once it has all of it."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    text = scope["method"].encode() + b" " + body
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(text))]})
    await send({"type": "http.response.body", "body": text})


@pytest.fixture
def talk() -> Iterator[Talk]:
    """Send bytes to a real server, and wait for numbers between; status, headers and body of what it answers."""

    def send(*pieces: bytes | float) -> tuple[int, dict[str, str], bytes]:
        host, port = where.split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            for piece in pieces:
                if isinstance(piece, bytes):
                    connection.sendall(piece)
                else:
                    time.sleep(piece)
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        status, _, lines = head.decode().partition("\r\n")
        return int(status.split()[1]), dict(message_from_string(lines).items()), body

    with hosted(echo, None) as where:
        yield send


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"nonsense\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nbad header\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/9.9\r\n\r\n", 400, "bad_request"),
        (b"GET http://[ HTTP/1.1\r\n\r\n", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "bad_request"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 5000, 431, "headers_too_large"),
    ],
)
def test_a_request_that_is_no_http_gets_a_problem_with_security_headers(talk, monkeypatch, raw, status, code):
    monkeypatch.setattr(protocol, "MOST_HEAD", 2000)
    answered, headers, body = talk(raw)
    problem = json.loads(body)
    assert answered == problem["status"] == status
    assert problem["code"] == code
    assert headers["Content-Type"] == "application/problem+json"
    assert {name: headers.get(name) for name in SECURITY} == dict(SECURITY)
    assert headers["X-Request-Id"] == problem["request_id"]


def test_a_head_that_never_ends_is_waited_for_no_longer_than_that(talk, monkeypatch):
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    status, _, body = talk(b"GET / HTTP/1.1\r\nX: ")
    assert (status, json.loads(body)["code"]) == (408, "request_timeout")
    _, _, rest = talk(b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nX: ")
    assert b"HTTP/1.1 408" in rest


def test_a_connection_that_says_nothing_is_closed_without_a_word(monkeypatch):
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    with hosted(echo, None) as where:
        host, port = where.split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            assert connection.recv(1) == b""


def test_a_long_body_is_no_late_head(monkeypatch, talk):
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    head = b"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
    assert talk(head, b"1", 0.5, b"2")[2] == b"POST 12"


def test_a_head_may_come_in_pieces_and_a_long_body_is_no_long_head(talk, monkeypatch):
    monkeypatch.setattr(protocol, "MOST_HEAD", 2000)
    long = b"x" * 100_000
    status, _, body = talk(
        b"POST / HTTP/1.1\r\nConnection: cl", b"ose\r\nContent-Length: 100000\r\n\r\n", long[:50], long[50:]
    )
    assert (status, body) == (200, b"POST " + long)


def test_a_request_to_speak_something_else_is_answered_in_http(talk):
    raw = b"GET / HTTP/1.1\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n"
    status, _, body = talk(raw)
    assert (status, body) == (200, b"GET ")


def test_requests_sent_at_once_are_answered_in_order(talk):
    one = b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n1"
    last = b"POST / HTTP/1.1\r\nContent-Length: 1\r\nConnection: close\r\n\r\n2"
    _, _, rest = talk(one + last)
    assert rest.startswith(b"POST 1HTTP/1.1 200")
    assert rest.endswith(b"POST 2")


def test_a_body_in_chunks_is_read_to_its_end(talk):
    raw = b"POST / HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    assert talk(raw)[2] == b"POST abcde"
