"""The whole table of who may do what."""

import pytest

from common.domain.access import ACTIONS, allowed, roles, scope

TABLE = {
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
ROLES = ("admin", "user", "viewer", "service")


def test_the_table_is_complete():
    assert set(ACTIONS) == set(TABLE)


@pytest.mark.parametrize("action", TABLE)
def test_the_table_holds(action):
    assert tuple(scope(role, action) for role in ROLES) == TABLE[action]
    assert roles(action) == tuple(role for role, reach in zip(ROLES, TABLE[action], strict=True) if reach != "none")
    for role, reach in zip(ROLES, TABLE[action], strict=True):
        assert allowed(role, action, own=True) == (reach in ("own", "all"))
        assert allowed(role, action, own=False) == (reach == "all")
