"""What the server refuses by itself, before any function sees it, told in the shape of all our answers."""

import asyncio
import socket
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import SecurityError

from common.http.live.refusal import refused

# Of the request line and the headers. The server hands on what it reads in pieces of up to this size, too.
MOST_HEAD = 262_144
# From the connection, or the first byte of a further request, to the end of its head.
HEAD_SECONDS = 30.0
_LARGE_HEAD = "The headers are larger than this service reads; send fewer or shorter ones."


class Protocol(HttpToolsProtocol):
    """A connection whose refusals are ours, whose heads are bounded, and which lets go of the idle."""

    _head = 0  # bytes of a head that has not come to its end
    _late: asyncio.TimerHandle | None = None  # ends the wait for a head

    def connection_made(self, transport: Any) -> None:
        """Send every piece at once.

        asyncio sees to that only where the listening socket names TCP as its protocol; otherwise a body that follows
        its head waits up to 40 ms for the client to acknowledge the head.
        """
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._have_head()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin to count, and to wait where this is a further request."""
        self._head = 1
        if self._late is None:
            self._await_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop counting and waiting."""
        self._head = 0
        self._have_head()
        super().on_headers_complete()

    def _await_head(self) -> None:
        self._late = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _have_head(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        if self._head:
            text = f"The request's head did not end within {HEAD_SECONDS:g} seconds; send it at once."
            self._refuse(408, "request_timeout", text)
        else:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Read on; refuse what is no HTTP, and a head that does not end."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
            # A request to speak another protocol is answered as any other, in this one.
        except httptools.HttpParserError as error:
            self._refuse(400, "bad_request", f"The request cannot be read: {error}"[:200])
        else:
            if self._head:
                self._head += len(data)
                if self._head > MOST_HEAD:
                    self._refuse(431, "headers_too_large", _LARGE_HEAD)

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Answer and close the connection, for what follows on it cannot be trusted."""
        answering = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if not answering and not self.transport.is_closing():
            self.transport.write(refusal(status, code, detail))
        self.transport.close()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        task = self.loop.create_task(self._run(cycle, app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    async def _run(self, cycle: Any, app: Any) -> None:
        """Answer, and cut off a client that takes nothing of an answer that was given up."""
        await cycle.run_asgi(app)
        if self.flow.write_paused and not cycle.response_complete:
            self.transport.abort()


class SocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket whose handshake is refused in our words, and which lets go of who takes nothing."""

    def data_received(self, data: bytes) -> None:
        """Read on; refuse a handshake larger than the WebSocket library reads, of which it says nothing itself."""
        super().data_received(data)
        if isinstance(self.conn.handshake_exc, SecurityError) and not self.handshake_initiated:
            self._refuse(431, "headers_too_large", _LARGE_HEAD)

    def handle_connect(self, event: Any) -> None:
        """Open it, or answer a handshake that is none as everything else that cannot be read."""
        if self.conn.accept(event).status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            super().handle_connect(event)
            return
        text = "The handshake of the WebSocket cannot be read; open it with an ordinary WebSocket client."
        self._refuse(400, "bad_request", text)

    def _refuse(self, status: int, code: str, detail: str) -> None:
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        self.transport.write(refusal(status, code, detail))
        self.transport.close()

    async def run_asgi(self) -> None:
        """Talk, and cut off a client whose messages nobody could send any more."""
        await super().run_asgi()
        if not self.writable.is_set():
            self.transport.abort()


def refusal(status: int, code: str, detail: str) -> bytes:
    """A whole answer that ends its connection."""
    headers, body = refused(status, code, detail)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{lines}Connection: close\r\n\r\n".encode("latin-1") + body
