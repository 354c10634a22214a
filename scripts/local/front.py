"""Everything on one port: live endpoints talk as long as their clients listen, every other request takes its turn."""

from typing import TYPE_CHECKING

from common.engine.context import Context
from common.http.live.app import Live
from common.http.live.wsgi import Receive, Scope, Send
from functions import main
from scripts.local.bridge import Bridge

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 16
MAX_BODY = 1_000_000_000  # the functions read far less; only uploads of one's own files come near


class Front:
    """An ASGI application over the gateway and the live endpoints, which are the same as on Cloud Run."""

    def __init__(self, gateway: "WSGIApplication", context: Context) -> None:
        self.live = Live(lambda: context, lambda name: getattr(main, name))
        self._bridge = Bridge(gateway, THREADS, MAX_BODY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or talk over one socket."""
        if scope["type"] == "websocket" or self.live.serves(scope["path"]):
            await self.live(scope, receive, send)
        else:
            await self._bridge(scope, receive, send)
