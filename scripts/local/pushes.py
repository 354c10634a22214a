"""Where the Pub/Sub emulator pushes to: a port of its own, so that deliveries and clients never wait for each other."""

import asyncio
import hmac
import re
import secrets
import socket
import threading
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from common.http.live import server
from common.platform.embedded.delivery import Deliver
from scripts.local.bridge import Bridge

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

GRACE_SECONDS = 0.5
MAX_BODY = 20_000_000  # Pub/Sub takes messages of 10 MB, which grow by a third on their way
_PATH = re.compile(r"/_push/(\w+)")


class Pushes:
    """Takes POST /_push/FUNCTION with the secret of this process in its query, and hands it to the function.

    `workers` deliveries are worked on at a time, as in a Cloud Run service of that concurrency; others wait.
    """

    def __init__(self, deliver: Deliver, workers: int) -> None:
        self._deliver = deliver
        self._key = secrets.token_urlsafe(32)
        self.taken: Counter[str] = Counter()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=server.BACKLOG)
        self._server = server.make(Bridge(self, workers, MAX_BODY), None, grace=GRACE_SECONDS)
        self._thread = threading.Thread(target=self._run, name="pushes", daemon=True)

    @property
    def url(self) -> str:
        """Where a function is pushed to, with {function} in it."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/_push/{{function}}?key={self._key}"

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one push as the function does; 404 where there is nothing, 403 to a stranger."""
        request = Request(environ)
        return self._answer(request)(environ, start_response)

    def start(self) -> None:
        """Begin to take pushes."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more of them; what is refused is pushed again later."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(2 * GRACE_SECONDS)
        self._listener.close()

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._listener]))

    def _answer(self, request: Request) -> "WSGIApplication":
        found = _PATH.fullmatch(request.path)
        if found is None or request.method != "POST":
            return Response(status=404)
        if not hmac.compare_digest(request.args.get("key", "").encode(), self._key.encode()):
            return Response(status=403)
        self.taken[found[1]] += 1
        return Response(status=self._deliver(found[1], request.get_data(), dict(request.headers)))
