"""A server that takes webhooks as other people's do: well, badly, slowly, or not at all."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

Manner = Callable[[socket.socket, threading.Event], None]


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """Listens on a port of this machine. `manner` is how it answers; `received` is what came."""

    manner: Manner
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}/hook"


def answer(status: int, body: bytes = b"ok", **headers: str) -> Manner:
    """Say one thing to everybody."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    said = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return lambda line, _over: line.sendall(said)


def hang(_line: socket.socket, over: threading.Event) -> None:
    """Take the message and say nothing."""
    over.wait(30)


def hang_up(_line: socket.socket, _over: threading.Event) -> None:
    """Take the message and close the connection."""


def babble(line: socket.socket, _over: threading.Event) -> None:
    """Answer something else than HTTP."""
    line.sendall(b"220 mail.example.com ESMTP\r\n")


def drip(piece: bytes, first: bytes = b"") -> Manner:
    """Send a little at a time, without an end."""

    def manner(line: socket.socket, over: threading.Event) -> None:
        line.sendall(first)
        while not over.wait(0.02):
            line.sendall(piece)

    return manner


def flood(line: socket.socket, over: threading.Event) -> None:
    """Answer with a body that does not end, as fast as it is taken."""
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not over.is_set():
        line.sendall(b"x" * 65_536)


@contextlib.contextmanager
def receiving(manner: Manner) -> Iterator[Receiver]:
    """A receiver for as long as the block runs."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        receiver = Receiver(manner, port=listener.getsockname()[1])
        threads: list[threading.Thread] = []

        def serve(line: socket.socket) -> None:
            with line, contextlib.suppress(OSError):
                line.settimeout(5)
                if (received := _read(line)) is not None:
                    receiver.received.append(received)
                    receiver.manner(line, over)

        def listen() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    line, _ = listener.accept()
                    receiver.connections += 1
                    threads.append(threading.Thread(target=serve, args=[line], daemon=True))
                    threads[-1].start()

        door = threading.Thread(target=listen, daemon=True)
        door.start()
        try:
            yield receiver
        finally:
            over.set()
            for thread in (door, *threads):
                thread.join(10)


def _read(line: socket.socket) -> Received | None:
    """One request, by its Content-Length."""
    raw, began = b"", time.monotonic()
    while b"\r\n\r\n" not in raw:
        if not (chunk := line.recv(65_536)) or time.monotonic() - began > 5:
            return None
        raw += chunk
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += line.recv(65_536)
    return Received(first.split(" ")[1], headers, body)
