"""API-3.2: whatever arrives at a WebSocket that is no message of ours closes that one connection, and nothing else.

Frames are written by hand here, for a client library would not send them. The codes are those of RFC 6455.
"""

import os
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from common.engine.context import Context
from common.http.headers import SECURITY
from common.http.live.server import MOST_HEARD
from tests.live_world import born, dial, hear, hosted, live_app

SECONDS = 20.0
HANDSHAKE = (
    "GET /ws/pipeline/p1 HTTP/1.1\r\nHost: api.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: {version}\r\n{more}\r\n"
)
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
PROVED = "Authorization: Bearer user:ann\r\n"


@pytest.fixture
def where(context: Context) -> Iterator[tuple[str, int]]:
    born(context)
    app = live_app(context)
    with hosted(app, app) as found:
        host, _, port = found.partition(":")
        yield host, int(port)


def frame(opcode: int, payload: bytes, *, masked: bool = True, first: int = 0x80) -> bytes:
    """One frame as RFC 6455 writes it, whether or not it may be one."""
    size = len(payload)
    mark = 0x80 if masked else 0
    if size < 126:
        head = struct.pack("!BB", first | opcode, mark | size)
    elif size < 65_536:
        head = struct.pack("!BBH", first | opcode, mark | 126, size)
    else:
        head = struct.pack("!BBQ", first | opcode, mark | 127, size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))


def said(connection: socket.socket, greeting: bytes) -> bytes:
    """Everything until the server closes, which waits for the client's close as RFC 6455 wants it."""
    heard, answered = greeting, False
    try:
        while part := connection.recv(65_536):
            heard += part
            if close_code(heard) is not None and not answered:
                connection.sendall(frame(8, b""))
                answered = True
    except ConnectionError:
        pass
    return heard


def close_code(heard: bytes) -> int | None:
    """The code of the close frame at the end of what was heard; None where the connection just ended."""
    at, code = heard.index(b"\r\n\r\n") + 4, None
    while at + 2 <= len(heard):
        opcode, size = heard[at] & 0x0F, heard[at + 1] & 0x7F
        at += 2
        if size == 126:
            size, at = struct.unpack("!H", heard[at : at + 2])[0], at + 2
        elif size == 127:
            size, at = struct.unpack("!Q", heard[at : at + 8])[0], at + 8
        if opcode == 8 and 2 <= size <= len(heard) - at:
            code = struct.unpack("!H", heard[at : at + 2])[0]
        at += size
    return code


def opened(where: tuple[str, int], proof: str = PROVED) -> socket.socket:
    connection = socket.create_connection(where, timeout=SECONDS)
    connection.sendall(HANDSHAKE.format(key=KEY, version=13, more=proof).encode())
    return connection


def greeted(connection: socket.socket) -> bytes:
    """The answer to the handshake, after which a client may speak."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        part = connection.recv(1)
        assert part, "the server closed without an answer"
        heard += part
    return heard


def serves(where: tuple[str, int]) -> None:
    """Others are served as if nothing had happened."""
    with dial(f"{where[0]}:{where[1]}", token="user:ann") as connection:
        assert hear(connection, lambda told: told["type"] == "snapshot")


BAD: dict[str, tuple[Callable[[], bytes], set[int | None]]] = {
    "no mask": (lambda: frame(1, b"hello", masked=False), {1002}),
    "an opcode that is none": (lambda: frame(3, b"x"), {1002}),
    "a control opcode that is none": (lambda: frame(11, b"x"), {1002}),
    "reserved bits": (lambda: frame(1, b"x", first=0x80 | 0x30), {1002}),
    "a compressed frame nobody agreed on": (lambda: frame(1, b"\xaa\x01\x02", first=0x80 | 0x40), {1002, 1007}),
    "a continuation of nothing": (lambda: frame(0, b"x"), {1002}),
    "a ping in parts": (lambda: frame(9, b"x", first=0), {1002}),
    "a ping too long": (lambda: frame(9, b"x" * 126), {1002}),
    "text that is no UTF-8": (lambda: frame(1, b"\xff\xfe\xfd"), {1007, 4400}),
    "a message too large": (lambda: frame(1, b"x" * (MOST_HEARD + 1)), {1009}),
    "a length of eight exabytes": (lambda: struct.pack("!BBQ", 0x81, 0xFF, 2**63 - 1) + b"abcd", {1009, 1002}),
    "a negative length": (lambda: struct.pack("!BBQ", 0x81, 0xFF, 2**63) + b"abcd", {1009, 1002}),
    "parts that grow too large": (
        lambda: frame(1, b"x" * 60_000, first=0) + frame(0, b"x" * 60_000, first=0),
        {1009},
    ),
    "a close with a code that is none": (lambda: frame(8, struct.pack("!H", 5)), {1002}),
    "a close of one byte": (lambda: frame(8, b"x"), {1002}),
    "binary": (lambda: frame(2, bytes(range(256))), {4400}),
    "noise": (lambda: b"\x16\x03\x01\x02\x00" + bytes(range(256)) * 8, {1002, 1009}),
    "a second request": (lambda: b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", {1002, 1009, 4400}),
}


@pytest.mark.parametrize("proof", [PROVED, ""], ids=["proved", "not proved yet"])
@pytest.mark.parametrize("name", BAD)
def test_api_3_2_a_frame_that_is_none_closes_its_connection_alone(
    where: tuple[str, int], name: str, proof: str
) -> None:
    sent, codes = BAD[name]
    with closing(opened(where, proof)) as connection:
        greeting = greeted(connection)
        connection.sendall(sent())
        assert close_code(said(connection, greeting)) in codes
    serves(where)


def test_api_3_2_a_client_that_breaks_off_anywhere_harms_nobody(where: tuple[str, int]) -> None:
    whole = HANDSHAKE.format(key=KEY, version=13, more=PROVED).encode() + frame(1, b"hello")
    for end in range(1, len(whole), 23):
        with closing(socket.create_connection(where, timeout=SECONDS)) as connection:
            connection.sendall(whole[:end])
    serves(where)


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ({"version": 8}, ""),
        ({"key": "short"}, ""),
        ({"key": "{}"}, ""),
        ({}, "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99\r\n"),
        ({}, "Sec-WebSocket-Protocol: ,,, ,\r\n"),
        ({}, f"X-Long: {'x' * 100_000}\r\n"),
        ({}, "".join(f"X-{number}: x\r\n" for number in range(200))),
        ({}, "Origin: https://evil.test\r\nCookie: __Host-session=forged; session=forged\r\n"),
    ],
    ids=["version", "short key", "no key", "extension", "protocol", "long header", "many headers", "origin and cookie"],
)
def test_api_3_2_a_handshake_that_is_none_is_refused_in_http_or_by_a_code(
    where: tuple[str, int], change: dict[str, object], more: str
) -> None:
    values: dict[str, object] = {"key": KEY, "version": 13, **change}
    with closing(socket.create_connection(where, timeout=SECONDS)) as connection:
        connection.sendall(HANDSHAKE.format(**values, more=more).encode())
        heard = greeted(connection)
        status = int(heard.split(b" ", 2)[1])
        if status == 101:
            connection.sendall(frame(1, b"hello"))
        heard = said(connection, heard)
    assert status in (101, 400, 426, 431)
    assert b"Traceback" not in heard
    if status == 101:
        assert close_code(heard) in (1002, 4400, 4401, 4403)
    else:
        for name in SECURITY:
            assert f"\r\n{name.lower()}: ".encode() in heard.lower()
    serves(where)
