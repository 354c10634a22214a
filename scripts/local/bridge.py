"""WSGI behind ASGI: functions work in threads, and no slow client holds one.

A thread is taken for the work alone: small bodies are read before it begins, and what it answers is sent after it ends.
Of a large answer it makes one piece after another, each when the client has taken the one before. Only to read a large
body it waits for the client. (The usual bridge, a2wsgi, keeps the thread throughout and costs five times as much.)
"""

import asyncio
import functools
import io
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar, cast

from werkzeug.exceptions import ClientDisconnected

from common.http.live.refusal import refused
from common.http.live.wsgi import Receive, Scope, Send, environ

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

T = TypeVar("T")

# What is read before the work begins, and what is sent at a time.
PIECE = 1 << 18

log = logging.getLogger(__name__)


class Bridge:
    """An ASGI application for HTTP that hands each request to a WSGI application. Bodies declared larger get a 413."""

    def __init__(self, app: "WSGIApplication", threads: int, max_body: int) -> None:
        self._app = app
        self._max_body = max_body
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if _declared(scope) > self._max_body:
            await _refuse(
                send,
                413,
                refused(413, "body_too_large", "The body is larger than this service reads; send a smaller one."),
            )
            return
        body = await self._body(receive)
        if body is None:
            return
        try:
            answer = await self._in_thread(functools.partial(_work, self._app, environ(scope, body)))
        except Exception:
            log.exception("a request failed outside of its function")
            await _refuse(send, 500, refused(500, "internal", "The service failed to handle this request; try again."))
            return
        except asyncio.CancelledError:
            await _refuse(
                send,
                503,
                refused(503, "unavailable", "The service ends before it has an answer; try again in a moment."),
            )
            return
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        try:
            if answer.rest is None:
                await send({"type": "http.response.body", "body": answer.body})
            else:
                await self._send_pieces(answer, receive, send)
        finally:
            if answer.rest is not None:
                await self._in_thread(answer.close)

    async def _body(self, receive: Receive) -> io.BytesIO | None:
        """What the work reads the body from: all of it, or its beginning and the way to the rest; None if gone."""
        start = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            piece: bytes = message.get("body", b"")
            start = start + piece if start else piece
            if not message.get("more_body"):
                return io.BytesIO(start)
            if len(start) >= PIECE:
                return cast(io.BytesIO, _Arriving(asyncio.get_running_loop(), receive, start))

    async def _send_pieces(self, answer: "_Answer", receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            piece = answer.body
            while not gone.done():
                await send({"type": "http.response.body", "body": piece, "more_body": bool(piece)})
                if not piece:
                    return
                piece = await self._in_thread(answer.next)
        finally:
            gone.cancel()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


class _Answer:
    """What the application answered: its head, its first piece, and what makes the rest if there is any."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], found: Iterable[bytes]) -> None:
        self.status = status
        self.headers = headers
        self._found = found
        self.rest: Iterator[bytes] | None = iter(found)
        self.body = self.next()
        if len(self.body) < PIECE:
            self.rest = None
            self.close()

    def next(self) -> bytes:
        """The next piece; nothing at the end."""
        parts, size = [], 0
        for part in self.rest or ():
            parts.append(part)
            size += len(part)
            if size >= PIECE:
                break
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Let go of what the rest was made of."""
        close = getattr(self._found, "close", None)
        if close is not None:
            close()


class _Arriving:
    """A body that is still being sent, read by the thread of its request."""

    def __init__(self, loop: asyncio.AbstractEventLoop, receive: Receive, start: bytes) -> None:
        self._loop = loop
        self._receive = receive
        self._here = bytearray(start)
        self._more = True

    def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer at the end; ClientDisconnected when that never comes."""
        while self._more and (size < 0 or len(self._here) < size):
            message = self._wait()
            if message["type"] == "http.disconnect":
                raise ClientDisconnected
            self._here += message.get("body", b"")
            self._more = bool(message.get("more_body"))
        end = len(self._here) if size < 0 else size
        found = bytes(self._here[:end])
        del self._here[:end]
        return found

    def _wait(self) -> Mapping[str, Any]:
        coming = _next(self._receive)
        try:
            return asyncio.run_coroutine_threadsafe(coming, self._loop).result()
        except (CancelledError, RuntimeError):  # the server ends, or has ended
            coming.close()
            raise ClientDisconnected from None

    def readline(self, size: int = -1) -> bytes:
        """A line; bodies of ours have none that matter, so it is read whole."""
        return io.BytesIO(self.read(size)).readline()


def _work(app: "WSGIApplication", described: "WSGIEnvironment") -> _Answer:
    head: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
        head[:] = [status, headers]
        return _no_write

    found = app(described, cast("StartResponse", start_response))
    status, headers = head
    named = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return _Answer(int(status.split(" ", 1)[0]), named, found)


def _no_write(_: bytes) -> object:
    raise RuntimeError("nothing of ours writes by the callable of start_response")


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)
    return 0


async def _next(receive: Receive) -> Mapping[str, Any]:
    return await receive()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _refuse(send: Send, status: int, answer: tuple[dict[str, str], bytes]) -> None:
    headers, body = answer
    named = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": named})
    await send({"type": "http.response.body", "body": body})
