"""`aiprod serve`: the API and everything behind it on one port, until it is told to stop."""

import contextlib
import dataclasses
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator

from common.domain.settings import Settings
from common.http.live import server
from common.observability import logs
from scripts.local import emulators
from scripts.local.front import Front
from scripts.local.refusal import Refusal
from scripts.local.world import World

# Requests in progress get this long to end; whatever still runs after LAST_SECONDS is left to the next start.
GRACE_SECONDS = 0.5
LAST_SECONDS = 1.6


def serve(port: int, host: str, settings: Settings) -> int:
    """Host the API until SIGTERM or SIGINT, then stop within 2 seconds; Refusal when the port cannot be had."""
    logs.configure()
    listener = _listen(host, port)
    url = f"http://{host}:{listener.getsockname()[1]}"
    if settings.public_url == Settings.public_url:
        settings = dataclasses.replace(settings, public_url=url)
    with contextlib.closing(listener), _stoppable(), emulators.beside(settings) as settings, World(settings) as world:
        front = Front(world.gateway, world.context)
        running = server.make(front, front.live, grace=GRACE_SECONDS, leaving=_exit_soon)
        print(f"AIPROD is ready at {url} (profile {settings.profile}, state in {settings.home})", flush=True)
        try:
            running.run(sockets=[listener])
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A step that did not listen still runs in a thread. The interpreter is not taken apart under it, for libraries in
    # C++ abort the process when their thread is ended in the middle.
    sys.stdout.flush()
    os._exit(0)


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65_535:
        raise Refusal(f"{port} is no port; use --port with 1 to 65535.", code=1)
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(server.BACKLOG)
    except OSError as error:
        listener.close()
        reason = (error.strerror or str(error)).lower()
        raise Refusal(f"cannot listen on {host} port {port}: {reason}; choose another with --port.", code=1) from None
    return listener


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Have SIGTERM stop the server as Ctrl-C does, and both within the promised time."""

    def stop(*_: object) -> None:
        _exit_soon()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    interrupt = signal.signal(signal.SIGINT, stop)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGINT, interrupt)


def _exit_soon() -> None:
    """Promise the end of the process: a step that does not listen is given back at the next start."""
    last = threading.Timer(LAST_SECONDS, os._exit, args=[0])
    last.daemon = True
    last.start()
