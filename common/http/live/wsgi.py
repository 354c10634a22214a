"""A request as WSGI describes it, made of how ASGI does, so that one boundary serves both."""

import io
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


def environ(scope: Scope, body: BinaryIO | None = None) -> "WSGIEnvironment":
    """The WSGI environment of an HTTP request, or of the handshake of a WebSocket.

    The path is taken byte by byte as it was sent. Headers with an underscore are left out, for here they would pass for
    one with a hyphen that somebody before us may have removed or set.
    """
    server, client = scope.get("server") or ("localhost", 80), scope.get("client")
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    found: WSGIEnvironment = {
        "REQUEST_METHOD": scope.get("method", "GET"),
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": str(client[0]) if client else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if scope.get("scheme") in ("https", "wss") else "http",
        "wsgi.input": body or io.BytesIO(),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw, value in scope["headers"]:
        if b"_" in raw:
            continue
        name = raw.decode("latin-1").upper().replace("-", "_")
        if name not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            name = f"HTTP_{name}"
        text = value.decode("latin-1")
        if name in found:
            text = f"{found[name]}{'; ' if name == 'HTTP_COOKIE' else ', '}{text}"
        found[name] = text
    return found
