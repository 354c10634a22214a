"""Who may do what with a pipeline. What a role may not do with it, the role must not learn of: the answer is 404."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from common.domain.catalogue import Role

Action = Literal["read", "result", "change"]

_EVERYTHING: frozenset[Action] = frozenset({"read", "result", "change"})
_LOOK: frozenset[Action] = frozenset({"read", "result"})

# With one's own pipelines, and with everybody's.
_OWN: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {"admin": _EVERYTHING, "user": _EVERYTHING, "viewer": _LOOK, "service": _LOOK}
)
_ALL: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {"admin": _EVERYTHING, "user": frozenset(), "viewer": frozenset(), "service": frozenset({"result"})}
)


def allowed(role: Role, action: Action, *, own: bool) -> bool:
    """Whether a role may do this to a pipeline that is the caller's own or another's."""
    return action in _ALL[role] or (own and action in _OWN[role])
