"""Who may do what: the one table of roles and actions, which the catalogue's roles repeat function by function.

What a role may not do with a pipeline, it must not learn of: the answer is 404.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from common.domain.catalogue import Role

Action = Literal[
    "read",  # a pipeline, its plan, events and costs
    "result",  # a pipeline's result and export
    "create",  # pipelines and batches
    "change",  # a pipeline: update, approve, cancel, delete
    "metrics",  # of the whole service
    "costs",  # of the whole service
    "keys",  # API keys and their rotation
    "secrets",  # keys of services and providers, and whether they can be read
    "audit",  # the audit log
    "users",  # their roles
]
ACTIONS: tuple[Action, ...] = get_args(Action)
Scope = Literal["all", "own", "none"]

_ROLES: tuple[Role, ...] = get_args(Role)

_TABLE: Mapping[Action, tuple[Scope, Scope, Scope, Scope]] = MappingProxyType(
    {
        # action: admin, user, viewer, service
        "read": ("all", "own", "own", "own"),
        "result": ("all", "own", "own", "all"),
        "create": ("all", "own", "none", "own"),
        "change": ("all", "own", "none", "none"),
        "metrics": ("all", "none", "all", "none"),
        "costs": ("all", "none", "all", "none"),
        "keys": ("all", "none", "none", "none"),
        "secrets": ("all", "none", "none", "none"),
        "audit": ("all", "none", "none", "none"),
        "users": ("all", "none", "none", "none"),
    }
)


def scope(role: Role, action: Action) -> Scope:
    """With whose things a role may do this."""
    return _TABLE[action][_ROLES.index(role)]


def allowed(role: Role, action: Action, *, own: bool) -> bool:
    """Whether a role may do this to what is the caller's own, or another's."""
    return scope(role, action) == "all" or (own and scope(role, action) == "own")


def roles(action: Action) -> tuple[Role, ...]:
    """The roles that may do this with anything at all."""
    return tuple(role for role in _ROLES if scope(role, action) != "none")
