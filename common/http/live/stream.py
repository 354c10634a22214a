"""Responses over ASGI: whole ones, and feeds as server-sent events for as long as the client listens."""

import asyncio
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from common.http.live.feed import Feed, opening, sent
from common.http.live.recheck import Recheck
from common.http.live.wsgi import Receive, Send

if TYPE_CHECKING:
    from common.http.live.app import Live

# A client that takes nothing for so long is let go; it resumes when it can.
SLOW_SECONDS = 30.0
PING = b": ping\n\n"


async def whole(response: Response, send: Send, kind: str = "http.response") -> None:
    """Send a response that is all there; `kind` says so of the refusal of a WebSocket's handshake."""
    body = response.get_data()
    response.headers["Content-Length"] = str(len(body))
    if response.status_code == 204:
        del response.headers["Content-Length"]
    await send(_head(response, kind))
    await send({"type": f"{kind}.body", "body": body})


async def head(response: Response, send: Send) -> None:
    """Send what a stream would begin with."""
    await send(_head(response, "http.response"))
    await send({"type": "http.response.body", "body": b""})


async def events(response: Response, feed: Feed, live: "Live", recheck: Recheck, receive: Receive, send: Send) -> None:
    """Send a feed until it ends, the client goes, the client takes nothing any more, or it may no longer listen."""
    telling = asyncio.ensure_future(_tell(response, feed, live, recheck, send))
    gone = asyncio.ensure_future(_disconnected(receive))
    await asyncio.wait((telling, gone), return_when=asyncio.FIRST_COMPLETED)
    telling.cancel()
    gone.cancel()
    for found in await asyncio.gather(telling, gone, return_exceptions=True):
        if isinstance(found, Exception) and not isinstance(found, TimeoutError):
            raise found


async def _tell(response: Response, feed: Feed, live: "Live", recheck: Recheck, send: Send) -> None:
    await send(_head(response, "http.response"))
    await send({"type": "http.response.body", "body": opening(), "more_body": True})
    async for messages in feed:
        refused = await live.blocking(recheck.refusal) if recheck.due else None
        if refused:
            break
        body = b"".join(map(sent, messages)) or PING
        async with asyncio.timeout(SLOW_SECONDS):
            await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


def _head(response: Response, kind: str) -> dict[str, object]:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    return {"type": f"{kind}.start", "status": response.status_code, "headers": headers}
