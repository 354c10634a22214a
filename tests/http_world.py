"""A small outside world for tests of the boundary and of endpoints: real documents and objects, nothing runs."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import flask
import pytest

from common.domain.profiles import ACCESS_KEY, PAGE_KEY
from common.domain.settings import Settings
from common.engine.context import Context
from common.http import boundary
from common.platform import seal
from common.platform.embedded.cache import MemoryCache
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.documents import SqliteDocuments
from common.platform.embedded.objects import FolderObjects
from common.platform.embedded.secrets import FolderSecrets
from common.platform.embedded.signed_urls import SignedUrls
from common.platform.identity import ROLES, Caller, InvalidToken, Role, UserMissing, check_role, check_user, is_user
from common.providers.registry import Registry
from functions.catalogue import CATALOGUE


class NamedTokens:
    """A provider whose ID tokens read role:name. A user is what the last token says, until `set_role` says else."""

    def __init__(self) -> None:
        self.roles: dict[str, Role] = {}
        self.given: set[str] = set()
        self.gone: set[str] = set()

    def verify(self, token: str, *, check_revoked: bool = False) -> Caller:
        role, _, name = token.partition(":")
        if role not in ROLES or not is_user(name) or (check_revoked and name in self.gone):
            raise InvalidToken("the token is not one of ours")
        if name not in self.given:
            self.roles[name] = role  # type: ignore[assignment]
        return Caller(name, self.role_of(name) if check_revoked else role)  # type: ignore[arg-type]

    def role_of(self, user: str, *, since: datetime | None = None) -> Role:
        if user in self.gone:
            raise UserMissing(f"there is no user {user}")
        return self.roles.get(check_user(user), "viewer")

    def set_role(self, user: str, role: Role) -> None:
        if check_user(user) in self.gone:
            raise UserMissing(f"there is no user {user}")
        self.roles[user] = check_role(role)  # type: ignore[assignment]
        self.given.add(user)


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
    keys = FolderSecrets(folder / "secrets")
    keys.begin(ACCESS_KEY, "a key of some length, for the tokens of tests")
    keys.begin(seal.SECRET, "a key of some length, for what is sealed in tests")
    keys.begin(PAGE_KEY, "a key of some length, for the page tokens of tests")
    return Context(
        settings=settings,
        catalogue=CATALOGUE,
        documents=documents,
        objects=FolderObjects(folder / "objects", SignedUrls(b"a secret of some length", clock, settings.public_url)),
        messages=posted,
        tasks=posted,
        jobs=posted,  # type: ignore[arg-type]
        identity=NamedTokens(),
        secrets=keys,
        cache=MemoryCache(clock),
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
