"""A real server of live endpoints on a port of this machine, over the small world of the boundary's tests."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from common.domain.pipeline import Pipeline
from common.engine import decisions, store
from common.engine.context import Context
from common.engine.records import Change
from common.http import boundary
from common.http.live import server
from common.http.live.app import Live
from common.platform.documents import Create
from functions.catalogue import CATALOGUE

AT = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def hosted(app: Any, live: Live | None, port: int = 0, *, grace: float = 2.0) -> Iterator[str]:
    """Serve an application in a thread; where."""
    listener = socket.create_server(("127.0.0.1", port))
    host = server.make(app, live, grace=grace)
    thread = threading.Thread(target=lambda: asyncio.run(host.serve(sockets=[listener])))
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        host.should_exit = True
        thread.join(20)
        listener.close()
    assert not thread.is_alive()


def live_app(context: Context) -> Live:
    """The live endpoints over a context."""

    def load(name: str) -> boundary.Function:
        return boundary.endpoint(CATALOGUE[name], import_module(CATALOGUE[name].module), lambda: context)

    return Live(lambda: context, load)


def born(context: Context, pipeline_id: str = "p1", owner: str = "ann", **fields: Any) -> Pipeline:
    """A pipeline that nobody works on."""
    made = Pipeline(
        id=pipeline_id, owner=owner, preset="quick_social", request={}, created_at=AT, updated_at=AT, **fields
    )
    context.documents.commit([Create(store.pipeline_path(made.id), made.model_dump(mode="json"))])
    return made


def tell(context: Context, kind: str = "pipeline.progress", pipeline_id: str = "p1", **data: Any) -> int:
    """Write one more event into a pipeline's log, as the engine does; its number."""

    def attempt() -> int:
        found = store.read(context.documents, pipeline_id)
        status = kind.partition(".")[2]
        now = found.pipeline
        if status in ("completed", "failed", "cancelled"):
            now = now.model_copy(update={"status": status})
        moved, event = decisions.record(now, kind, found.now, data)
        store.commit(context.documents, found, Change(pipeline=moved, events=(event,)))
        return event.seq

    return store.settle(context.clock, attempt)


def dial(where: str, path: str = "/ws/pipeline/p1", token: str = "", **options: Any) -> ClientConnection:
    """A WebSocket with a token in the Authorization header."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers.update(options.pop("headers", {}))
    return connect(f"ws://{where}{path}", additional_headers=headers, open_timeout=20, **options)


def hear(connection: ClientConnection, until: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Messages up to one, without pings."""
    heard = []
    while True:
        said = json.loads(connection.recv(timeout=20))
        if said["type"] != "ping":
            heard.append(said)
        if until(said):
            return heard


def hear_out(connection: ClientConnection) -> tuple[list[dict[str, Any]], int, str]:
    """Every message until the server closes; also the code and its reason."""
    heard = []
    try:
        while True:
            said = json.loads(connection.recv(timeout=20))
            if said["type"] != "ping":
                heard.append(said)
    except ConnectionClosed as closed:
        if closed.rcvd is None:
            raise
        return heard, closed.rcvd.code, closed.rcvd.reason
