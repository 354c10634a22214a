"""The live functions, by name: FUNCTION_TARGET picks one, as with `functions.main`, which serves all the others.

`python -m functions.asgi` serves it on $PORT. Any other ASGI server takes `functions.asgi:app`, whose clients are then
closed with that server's own code when it ends.
"""

import os
import socket

from common.http.live import server
from common.http.live.app import Live
from functions import main

# Cloud Run kills a process ten seconds after it told it to end.
GRACE_SECONDS = 8.0

app = Live(main.context, lambda name: getattr(main, name), only=os.environ.get("FUNCTION_TARGET", ""))


def serve() -> None:
    """Serve until a signal ends it."""
    main.context()  # a process that must not start like this ends here, and not at its first request
    listener = socket.create_server(("", int(os.environ.get("PORT", "8080"))), backlog=server.BACKLOG)
    server.make(app, app, grace=GRACE_SECONDS).run(sockets=[listener])


if __name__ == "__main__":
    serve()
