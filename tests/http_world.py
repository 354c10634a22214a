"""A small outside world for tests of the boundary and of endpoints: real documents and objects, nothing runs."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import flask
import pytest

from common.domain.settings import Settings
from common.engine.context import Context
from common.http import boundary
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.documents import SqliteDocuments
from common.platform.embedded.objects import FolderObjects
from common.platform.embedded.secrets import FolderSecrets
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
    documents = SqliteDocuments(tmp_path / "documents.sqlite", clock)
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
        secrets=FolderSecrets(folder / "secrets"),
        cache=None,  # type: ignore[arg-type]
        clock=clock,
        registry=Registry(lambda _name: None),
        owner="test",
    )


def routed(context: Context) -> Callable[[Any, Any], Any]:
    """All endpoints as one WSGI application, without functions-framework."""
    functions = {
        entry.name: boundary.endpoint(entry, import_module(entry.module), lambda: context)
        for entry in CATALOGUE.endpoints()
    }

    def app(environ: Any, start_response: Any) -> Any:
        request = flask.Request(environ)
        method = "GET" if request.method == "HEAD" else request.method
        found = CATALOGUE.match(method, request.path)
        function = functions[found[0].name] if found else lambda r: boundary.unrouted(r, lambda: context)
        return function(request)(environ, start_response)

    return app
