"""What the server itself refuses looks like everything else."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from email import message_from_string

import pytest
from waitress.server import create_server

from common.http.headers import SECURITY
from scripts.local.protocol import Channel


@pytest.fixture
def talk() -> Iterator[Callable[[bytes], tuple[int, dict[str, str], dict[str, object]]]]:
    """Send bytes to a real server; status, headers and body of its answer."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = create_server(
        lambda _environ, _start: [],
        sockets=[listener],
        threads=1,
        max_request_body_size=1000,
        max_request_header_size=2000,
    )
    server.channel_class = Channel
    loop = threading.Thread(target=server.asyncore.loop, kwargs={"timeout": 0.05, "map": server._map}, daemon=True)
    loop.start()

    def send(raw: bytes) -> tuple[int, dict[str, str], dict[str, object]]:
        with socket.create_connection(listener.getsockname(), timeout=20) as connection:
            connection.sendall(raw)
            answer = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
        head, _, body = answer.partition("\r\n\r\n")
        status, _, lines = head.partition("\r\n")
        return int(status.split()[1]), dict(message_from_string(lines).items()), json.loads(body)

    yield send
    server.task_dispatcher.shutdown(timeout=1)
    server.close()
    listener.close()
    loop.join(20)


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"nonsense\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nbad header\r\n\r\n", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, "bad_request"),
        (b"POST / HTTP/1.1\r\nContent-Length: 2000\r\n\r\n", 413, "body_too_large"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 3000, 431, "headers_too_large"),
    ],
)
def test_a_request_that_is_no_http_gets_a_problem_with_security_headers(talk, raw, status, code):
    answered, headers, problem = talk(raw)
    assert answered == problem["status"] == status
    assert problem["code"] == code
    assert headers["Content-Type"] == "application/problem+json"
    # The server writes header names in its own case.
    lower = {name.lower(): value for name, value in headers.items()}
    assert {name: lower.get(name.lower()) for name in SECURITY} == dict(SECURITY)
    assert lower["x-request-id"] == problem["request_id"]
