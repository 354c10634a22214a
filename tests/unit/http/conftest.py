import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import flask
import pytest
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from common.domain.catalogue import Catalogue, parse
from common.domain.settings import Settings
from common.engine.context import Context
from common.http import boundary
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.documents import SqliteDocuments
from common.platform.embedded.objects import FolderObjects
from common.platform.embedded.signed_urls import SignedUrls
from common.platform.identity import Caller, InvalidToken
from common.providers.registry import Registry
from functions.catalogue import CATALOGUE


class NamedTokens:
    """Accepts tokens that read role:name."""

    def verify(self, token: str) -> Caller:
        role, _, name = token.partition(":")
        if role not in ("admin", "user", "viewer", "service") or not name:
            raise InvalidToken("the token is not one of ours.")
        return Caller(name, role)  # type: ignore[arg-type]


class Posted:
    """Messages, tasks and jobs that are only written down."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.cancelled: list[str] = []

    def publish(self, topic: str, data: Mapping[str, Any], *, message_id: str) -> None:
        self.sent.append((topic, dict(data)))

    def enqueue(self, queue: str, function: str, data: Mapping[str, Any], **_: Any) -> bool:
        self.sent.append((function, dict(data)))
        return True

    def cancel(self, prefix: str) -> int:
        self.cancelled.append(prefix)
        return 0


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def posted() -> Posted:
    return Posted()


@pytest.fixture
def context(tmp_path: Path, clock: VirtualClock, posted: Posted) -> Iterator[Context]:
    documents = SqliteDocuments(tmp_path / "documents.sqlite")
    yield make_context(tmp_path, clock, posted, documents)
    documents.close()


def make_context(folder: Path, clock: VirtualClock, posted: Posted, documents: SqliteDocuments) -> Context:
    settings = Settings(home=folder, public_url="http://api.test")
    return Context(
        settings=settings,
        catalogue=CATALOGUE,
        documents=documents,
        objects=FolderObjects(folder / "objects", SignedUrls(b"a secret of some length", clock, settings.public_url)),
        messages=posted,
        tasks=posted,
        jobs=posted,  # type: ignore[arg-type]
        identity=NamedTokens(),
        secrets=None,  # type: ignore[arg-type]
        cache=None,  # type: ignore[arg-type]
        clock=clock,
        registry=Registry(lambda _name: None),
        owner="test",
    )


SendsTo = Callable[..., TestResponse]

ROUTES = """
defaults: {memory: 512Mi, cpu: 1, timeout: 60s, concurrency: 16, min: 0, max: 20}
functions:
  open: {summary: Anyone., http: GET /open, roles: public}
  thing: {summary: Read., http: "GET /things/{id}", roles: [admin, user]}
  make: {summary: Write., http: POST /things, roles: [admin, user], idempotent: true}
  drop: {summary: Remove., http: "DELETE /things/{id}", roles: [admin]}
"""


@pytest.fixture
def routes() -> Catalogue:
    return parse(ROUTES)


@pytest.fixture
def serve(context: Context, routes: Catalogue) -> Callable[..., Client]:
    """A client of one tiny endpoint, served as functions-framework would."""
    import dataclasses

    ours = dataclasses.replace(context, catalogue=routes)

    def make(name: str, handle: Callable[..., Any], body: Any = None) -> Client:
        module = types.ModuleType(name)
        module.handle = handle  # type: ignore[attr-defined]
        if body is not None:
            module.Body = body  # type: ignore[attr-defined]
        function = boundary.endpoint(routes[name], module, lambda: ours)

        def app(environ: Any, start_response: Any) -> Any:
            return function(flask.Request(environ))(environ, start_response)

        return Client(app, Response)

    return make
