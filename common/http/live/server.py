"""The server that hosts an ASGI application: HTTP and WebSockets on one port, and an orderly end.

At its end it takes no new connection, lets the live clients go with 1001 so that they come back to another process, and
gives requests in progress a moment. uvicorn is imported when a server is made: functions alone need none.
"""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from common.http.live.app import Live

if TYPE_CHECKING:
    import uvicorn

KEEP_ALIVE_SECONDS = 30
BACKLOG = 1024
# What a client says is who it is, and no more.
MOST_HEARD = 65_536


def make(app: Any, live: Live | None, *, grace: float, leaving: Callable[[], None] = lambda: None) -> "uvicorn.Server":
    """A server of an application, to be run with its sockets. `leaving` is called when a signal ends it."""
    import uvicorn

    from common.http.live.protocol import Protocol, SocketProtocol

    class Server(uvicorn.Server):
        """Says goodbye before it closes."""

        def handle_exit(self, sig: int, frame: Any) -> None:
            leaving()
            super().handle_exit(sig, frame)

        async def shutdown(self, sockets: Any = None) -> None:
            for listening in self.servers:
                listening.close()
            if live is not None:
                await live.go_away()
            state, until = self.server_state, time.monotonic() + grace
            for connection in [*state.connections]:
                connection.shutdown()
            while (state.connections or state.tasks) and not self.force_exit and time.monotonic() < until:
                await asyncio.sleep(0.01)
            # Whoever is still not answered is told so by the end of its task.
            left = [*state.tasks]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    config = uvicorn.Config(
        app,
        http=Protocol,
        ws=SocketProtocol,
        loop="asyncio",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,  # the boundary writes one line for each request
        proxy_headers=False,  # whom to believe about the client's address is the boundary's to say
        server_header=False,
        ws_max_size=MOST_HEARD,
        ws_per_message_deflate=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    return Server(config)
