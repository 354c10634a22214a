"""The whole table of who may do what with a pipeline."""

import pytest

from common.domain.access import allowed

TABLE = {
    # role: (own read, own result, own change, others' read, others' result, others' change)
    "admin": (True, True, True, True, True, True),
    "user": (True, True, True, False, False, False),
    "viewer": (True, True, False, False, False, False),
    "service": (True, True, False, False, True, False),
}


@pytest.mark.parametrize("role", TABLE)
def test_the_table_holds(role):
    found = [allowed(role, action, own=own) for own in (True, False) for action in ("read", "result", "change")]
    assert tuple(found) == TABLE[role]
