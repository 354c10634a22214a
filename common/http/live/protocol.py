"""What the server refuses by itself, before any function sees it, told in the shape of all our answers."""

import socket
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from common.http.live.refusal import refused

# Of the request line and the headers. The server hands on what it reads in pieces of up to this size, too.
MOST_HEAD = 262_144


class Protocol(HttpToolsProtocol):
    """A connection whose refusals are ours, whose heads are bounded, and which lets go of who takes nothing."""

    _head = 0  # bytes of a head that has not come to its end

    def connection_made(self, transport: Any) -> None:
        """Send every piece at once.

        asyncio sees to that only where the listening socket names TCP as its protocol; otherwise a body that follows
        its head waits up to 40 ms for the client to acknowledge the head.
        """
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._head = 1
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop counting."""
        self._head = 0
        super().on_headers_complete()

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
                    text = "The headers are larger than this service reads; send fewer or shorter ones."
                    self._refuse(431, "headers_too_large", text)

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

    def handle_connect(self, event: Any) -> None:
        """Open it, or answer a handshake that is none as everything else that cannot be read."""
        if self.conn.accept(event).status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            super().handle_connect(event)
            return
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        text = "The handshake of the WebSocket cannot be read; open it with an ordinary WebSocket client."
        self.transport.write(refusal(400, "bad_request", text))
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
