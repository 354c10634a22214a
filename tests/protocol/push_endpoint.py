"""The functions as a bus finds them on the network: a local HTTP server, one path per function."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Deliver = Callable[[str, bytes, Mapping[str, str]], int]


@contextmanager
def serving(deliver: Deliver) -> Iterator[str]:
    """Serve while the block runs; yields the address of a function as a template with {function}."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status = deliver(self.path.partition("?")[0].lstrip("/"), body, dict(self.headers))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return  # a delivery is no news

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=[0.05], name="functions", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/{{function}}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
