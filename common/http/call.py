"""What a handler takes and gives: `def handle(call: Call[Body]) -> Answer`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from werkzeug.datastructures import Headers

from common.domain.model import Model
from common.engine.context import Context
from common.platform.identity import Caller

B = TypeVar("B", bound=Model)

# Who calls an endpoint that asks nobody who they are.
ANYONE = Caller(id="", role="viewer", via="nothing")


class Empty(Model):
    """The body of a request that has nothing to say: none at all, or an empty object."""


@dataclass(frozen=True)
class Call(Generic[B]):
    """One request that passed the boundary: its caller is known and allowed, its body is valid."""

    context: Context
    caller: Caller
    params: Mapping[str, str]  # from the path
    query: Any  # what the module's `Query` makes of the parameters; without one, the parameters as they came
    body: B
    request_id: str
    new_id: str  # the id for what this call creates; a repeated call gets the same one
    headers: Headers = field(default_factory=Headers)  # as they came, for what only a header can say (If-Match)
    address: str = ""  # of the client


@dataclass(frozen=True)
class Answer:
    """What the client gets. `headers` win over the boundary's own, where their names are written alike.

    `body` is JSON-like or a model; with another `media_type` it is text or bytes, or an iterator of bytes, which is
    sent as it comes, without an ETag. `cookies` are whole Set-Cookie values. An answer with a `secret`, such as a
    token or a key, is never compressed, because the length would tell of it.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    cookies: tuple[str, ...] = ()
    secret: bool = False
