"""What a handler takes and gives: `def handle(call: Call[Body]) -> Answer`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from common.domain.model import Model
from common.engine.context import Context
from common.platform.identity import Caller

B = TypeVar("B", bound=Model)

# Who calls an endpoint that asks nobody who they are.
ANYONE = Caller(id="", role="viewer")


class Empty(Model):
    """The body of a request that has nothing to say: none at all, or an empty object."""


@dataclass(frozen=True)
class Call(Generic[B]):
    """One request that passed the boundary: its caller is known and allowed, its body is valid."""

    context: Context
    caller: Caller
    params: Mapping[str, str]  # from the path
    query: Mapping[str, str]
    body: B
    request_id: str
    new_id: str  # the id for what this call creates; a repeated call gets the same one


@dataclass(frozen=True)
class Answer:
    """What the client gets. `body` is JSON-like or a model; `headers` win over the boundary's own."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
