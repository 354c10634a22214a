"""One WebSocket: who opens it, what it is told, and how it closes.

**Who.** The proof never stands in the URL, which lands in logs. It comes as one of
- the header `Authorization: Bearer TOKEN` or `X-API-Key`, from anything but a browser,
- the subprotocols `aiprod.v1, bearer.TOKEN`, of which the server takes the first and never repeats the second,
- the cookie of a session, from a page of the service's own or an allowed origin,
- the first message, `{"type": "auth", "token": TOKEN}`, within ten seconds; it may carry `after`, too. So many sockets
  of one address may wait for theirs and no more, for nobody has counted them yet.

**What.** Text messages `{"seq", "type", "time", "data"}`: a snapshot, events in order, and pings. Whatever came last,
its `seq` is where to resume. The client says nothing but who it is. **How it ends.** With a code of `Close`; before
one that refuses, a message of type `error` says why, with the problem document that the same refusal has over HTTP.
"""

import asyncio
import contextlib
import json
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from werkzeug.wrappers import Request, Response

from common.domain.settings import Settings
from common.http import headers
from common.http.address import client, household
from common.http.live.feed import Feed
from common.http.live.recheck import Recheck
from common.http.live.stream import SLOW_SECONDS
from common.http.live.wsgi import Receive, Scope, Send, environ
from common.identity import sessions

if TYPE_CHECKING:
    from common.http.live.app import Live

VERSION = "aiprod.v1"
AUTH_SECONDS = 10.0
MOST_UNPROVED = 100  # sockets of one address, at one process, of which nobody knows yet who opened them
_BEARER = "bearer."
_LONGEST_AUTH = 16_384  # characters of the first message

_unproved: Counter[str] = Counter()  # by address; one event loop alone counts

log = logging.getLogger(__name__)


class Close(IntEnum):
    """How a connection ends. Of those that are not for good, the client resumes where it was."""

    DONE = 1000  # the pipeline has ended and everything about it was said
    GOING_AWAY = 1001  # the process ends; connect again at once
    INTERNAL = 1011  # our fault; connect again after a while
    TRY_AGAIN_LATER = 1013  # the service cannot reach what it needs; connect again after a while
    BAD_REQUEST = 4400  # what the client sent is not of this protocol
    UNAUTHENTICATED = 4401  # no proof, or one that is not good or no longer; connect again with a new one
    FORBIDDEN = 4403  # the role or the page's origin may not
    NOT_FOUND = 4404  # there is no such pipeline that the caller may see
    TIMEOUT = 4408  # no proof came in time, or the client took nothing for half a minute
    TOO_MANY = 4429  # too many connections or requests; connect again after a while


_BY_STATUS = {
    400: Close.BAD_REQUEST,
    422: Close.BAD_REQUEST,
    401: Close.UNAUTHENTICATED,
    403: Close.FORBIDDEN,
    404: Close.NOT_FOUND,
    429: Close.TOO_MANY,
    503: Close.TRY_AGAIN_LATER,
}


class Closed(Exception):
    """The conversation is over: with which code, and what says so in a word."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Gone(Exception):
    """The client has closed."""


class Socket:
    """The conversation with one client."""

    def __init__(self, live: "Live", name: str, settings: Settings, scope: Scope, receive: Receive, send: Send) -> None:
        self._live = live
        self._name = name
        self._settings = settings
        self._scope = scope
        self._receive = receive
        self._send = send
        self._environ = environ(scope)
        self._request_id = headers.request_id(Request(self._environ).headers.get("X-Request-Id", ""))
        self._environ["HTTP_X_REQUEST_ID"] = self._request_id

    async def talk(self) -> None:
        """Everything from the handshake to the close."""
        await self._receive()  # websocket.connect
        offered: list[str] = list(self._scope.get("subprotocols", ()))
        known = VERSION in offered
        marks = {**headers.SECURITY, "X-Request-Id": self._request_id}
        await self._send(
            {
                "type": "websocket.accept",
                "subprotocol": VERSION if known else None,
                "headers": [(name.lower().encode(), value.encode()) for name, value in marks.items()],
            }
        )
        try:
            if offered and not known:
                raise Closed(Close.BAD_REQUEST, f"this server speaks the subprotocol {VERSION}")
            await self._prove([name.removeprefix(_BEARER) for name in offered if name.startswith(_BEARER)])
            await self._listen()
        except Gone:
            self._log(0, "client")
        except Closed as closed:
            await self._close(closed.code, closed.reason)

    async def _prove(self, tokens: list[str]) -> None:
        """Put what the client proves itself with where the boundary looks for it."""
        if tokens:
            self._bring(tokens[0])
            return
        cookies = Request(self._environ).cookies
        if "HTTP_AUTHORIZATION" in self._environ or "HTTP_X_API_KEY" in self._environ:
            return
        if sessions.cookie_name(self._settings) in cookies:
            return
        with _waiting(household(client(Request(self._environ), self._settings.trusted_proxies))):
            try:
                async with asyncio.timeout(AUTH_SECONDS):
                    first = await self._hear()
            except TimeoutError:
                raise Closed(Close.TIMEOUT, f"no auth message within {AUTH_SECONDS:.0f} seconds") from None
        token, after = _auth(first)
        self._bring(token)
        if after is not None:
            known = [pair for pair in parse_qsl(self._environ["QUERY_STRING"]) if pair[0] != "after"]
            self._environ["QUERY_STRING"] = urlencode([*known, ("after", str(after))])

    def _bring(self, token: str) -> None:
        self._environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"

    async def _listen(self) -> None:
        """Ask the boundary, and tell what it lets through."""
        request = Request(self._environ)
        response = await self._live.answer(self._name, request)
        feed = response.response
        if not isinstance(feed, Feed):
            await self._turn_away(response)
            return
        with self._live.listening(feed):
            telling = asyncio.ensure_future(self._tell(feed, self._live.recheck(self._name, request, feed)))
            hearing = asyncio.ensure_future(self._hear())
            await asyncio.wait((telling, hearing), return_when=asyncio.FIRST_COMPLETED)
            telling.cancel()
            hearing.cancel()
            told, heard = await asyncio.gather(telling, hearing, return_exceptions=True)
        if isinstance(told, TimeoutError):
            self._log(Close.TIMEOUT, "slow")
            return  # it takes nothing, so it takes no close either
        if isinstance(told, OSError) or isinstance(heard, Gone):
            raise Gone
        if isinstance(told, Exception):
            raise told
        if isinstance(heard, str):
            raise Closed(Close.BAD_REQUEST, "a client says nothing after it has said who it is")

    async def _tell(self, feed: Feed, recheck: Recheck) -> None:
        async for messages in feed:
            problem = await self._live.blocking(recheck.refusal) if recheck.due else None
            if problem:
                raise Closed(_BY_STATUS[problem.status], problem.code)
            texts = [message.text for message in messages] or [_said("ping", feed.seq, {})]
            for text in texts:
                async with asyncio.timeout(SLOW_SECONDS):
                    await self._send({"type": "websocket.send", "text": text})
        if self._live.leaving:
            raise Closed(Close.GOING_AWAY, "going away")
        raise Closed(Close.DONE, "done")

    async def _turn_away(self, response: Response) -> None:
        problem = json.loads(response.get_data())
        await self._send({"type": "websocket.send", "text": _said("error", None, problem)})
        raise Closed(_BY_STATUS.get(response.status_code, Close.INTERNAL), problem["code"])

    async def _hear(self) -> str:
        """The next message of the client; Gone."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            raise Gone
        text = message.get("text")
        return text if isinstance(text, str) else ""

    async def _close(self, code: Close, reason: str) -> None:
        self._log(code, reason)
        with contextlib.suppress(OSError):  # it has closed meanwhile
            await self._send({"type": "websocket.close", "code": int(code), "reason": reason[:120]})

    def _log(self, code: int, reason: str) -> None:
        said = {"function": self._name, "request_id": self._request_id, "code": code, "reason": reason}
        log.info("a live connection ended", extra=said)


@contextlib.contextmanager
def _waiting(address: str) -> Iterator[None]:
    """While a socket of an address waits for its proof; Closed where too many do."""
    if address and _unproved[address] >= MOST_UNPROVED:
        raise Closed(Close.TOO_MANY, f"{MOST_UNPROVED} sockets of your address wait for their auth message")
    _unproved[address] += 1
    try:
        yield
    finally:
        _unproved[address] -= 1
        if not _unproved[address]:
            del _unproved[address]


def _said(kind: str, seq: int | None, data: dict[str, Any]) -> str:
    time = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"seq": seq, "type": kind, "time": time, "data": data}, separators=(",", ":"))


def _auth(text: str) -> tuple[str, int | None]:
    """Token and place of the first message; Closed."""
    try:
        said = json.loads(text) if len(text) <= _LONGEST_AUTH else None
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict) and said.get("type") == "auth" and said.keys() <= {"type", "token", "after"}:
        token, after = said.get("token"), said.get("after")
        known = after is None or (type(after) is int and 0 <= after <= 2**53)
        if known and isinstance(token, str) and token.isascii() and token.isprintable():
            return token, after
    raise Closed(Close.BAD_REQUEST, 'the first message must be {"type": "auth", "token": TOKEN}')
