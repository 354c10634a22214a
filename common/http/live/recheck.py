"""Whether who was let in is still to be let in: tokens expire, sessions and keys are revoked, roles are taken away."""

import time

from werkzeug.wrappers import Request

from common.domain.access import allowed
from common.engine.context import Context
from common.http import identity
from common.http.problem import Problem, not_found
from common.platform.away import AWAY

SECONDS = 20.0


class Recheck:
    """Asks again what was asked at the start, every so often: who calls, and whether they may see what `owner` has."""

    def __init__(self, context: Context, function: str, request: Request, owner: str) -> None:
        self._context = context
        self._entry = context.catalogue[function]
        self._request = request
        self._owner = owner
        self._next = time.monotonic() + SECONDS

    @property
    def due(self) -> bool:
        """Whether it is time to."""
        return time.monotonic() >= self._next

    def refusal(self) -> Problem | None:
        """Problem 401, 403 or 404 where the caller may no longer listen; nothing while that cannot be found out."""
        self._next = time.monotonic() + SECONDS
        try:
            caller = identity.authenticate(self._entry, self._request, self._context)
        except Problem as problem:
            return problem if problem.status in (401, 403) else None
        except AWAY:
            return None
        if not allowed(caller.role, "read", own=caller.id == self._owner):
            return not_found("There is no such pipeline that you may see any more.")
        return None
