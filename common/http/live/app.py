"""The ASGI application of the live endpoints: each is an endpoint like every other, behind the same boundary.

The boundary runs in a thread and answers a response, as everywhere. Where its body is a `Feed`, the client listens
from then on, and no thread waits for it: over a WebSocket as `socket` says, or as server-sent events. It is plain ASGI
rather than functions-framework, whose ASGI side routes no WebSockets and brings nothing that the boundary does not do.
"""

import asyncio
import contextlib
import functools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from werkzeug.wrappers import Request, Response

from common.engine.context import Context
from common.http import boundary
from common.http.boundary import Function
from common.http.live import stream
from common.http.live.feed import Feed
from common.http.live.recheck import Recheck
from common.http.live.socket import Socket
from common.http.live.wsgi import Receive, Scope, Send, environ

T = TypeVar("T")

THREADS = 16
GOODBYE_SECONDS = 0.5


class Live:
    """Serves the live endpoints, or the one of them that a process is for, and refuses everything else."""

    def __init__(self, context_of: Callable[[], Context], load: Callable[[str], Function], only: str = "") -> None:
        self.leaving = False
        self._context_of = context_of
        self._load = load
        self._only = only
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="live")
        self._feeds: set[Feed] = set()

    def serves(self, path: str) -> str:
        """The live function of a path, or nothing."""
        found = self._context_of().catalogue.match("GET", path)
        served = found is not None and found[0].live and self._only in ("", found[0].name)
        return found[0].name if found and served else ""

    async def go_away(self) -> None:
        """Let every client go, for the process ends; they come back to another one. It takes half a second at most."""
        self.leaving = True
        for feed in self._feeds:
            feed.end()
        until = time.monotonic() + GOODBYE_SECONDS
        while self._feeds and time.monotonic() < until:
            await asyncio.sleep(0.01)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or talk over one socket until it closes."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    async def blocking(self, work: Callable[[], T]) -> T:
        """Do what blocks in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def answer(self, name: str, request: Request) -> Response:
        """What the boundary makes of a request; of one for another function, the refusal."""
        function = self._load(name) if name else functools.partial(boundary.unrouted, context_of=self._context_of)
        return await self.blocking(functools.partial(function, request))

    def recheck(self, name: str, request: Request, feed: Feed) -> Recheck:
        """What asks from time to time whether the caller may still listen."""
        return Recheck(self._context_of(), name, request, feed.owner)

    @contextlib.contextmanager
    def listening(self, feed: Feed) -> Iterator[None]:
        """While a client listens to a feed."""
        self._feeds.add(feed)
        try:
            yield
        finally:
            self._feeds.discard(feed)
            feed.close()

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = self.serves(scope["path"])
        if name:
            await Socket(self, name, self._context_of().settings, scope, receive, send).talk()
            return
        refused = await self.answer("", Request(environ(scope)))
        await stream.whole(refused, send, "websocket.http.response")

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        described = environ(scope)
        # An event stream is not compressed, and no plain request passes for a WebSocket.
        for header in ("HTTP_ACCEPT_ENCODING", "HTTP_UPGRADE"):
            described.pop(header, None)
        request, name = Request(described), self.serves(scope["path"])
        response = await self.answer(name, request)
        feed = response.response
        if not isinstance(feed, Feed):
            await stream.whole(response, send)
            return
        with self.listening(feed):
            if request.method == "HEAD":
                await stream.head(response, send)
            else:
                await stream.events(response, feed, self, self.recheck(name, request, feed), receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        phase = (await receive())["type"]
        await send({"type": f"{phase}.complete"})
        if phase == "lifespan.shutdown":
            return
