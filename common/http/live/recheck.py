"""Whether who was let in is still to be let in: tokens expire, sessions and keys are revoked."""

import time

from werkzeug.wrappers import Request

from common.engine.context import Context
from common.http import identity
from common.http.problem import Problem
from common.platform.away import AWAY

SECONDS = 20.0


class Recheck:
    """Asks again what the boundary asked at the start, every so often."""

    def __init__(self, context: Context, function: str, request: Request) -> None:
        self._context = context
        self._entry = context.catalogue[function]
        self._request = request
        self._next = time.monotonic() + SECONDS

    @property
    def due(self) -> bool:
        """Whether it is time to."""
        return time.monotonic() >= self._next

    def refusal(self) -> Problem | None:
        """Problem 401 or 403 where the caller may no longer listen; nothing while that cannot be found out."""
        self._next = time.monotonic() + SECONDS
        try:
            identity.authenticate(self._entry, self._request, self._context)
        except Problem as problem:
            return problem if problem.status in (401, 403) else None
        except AWAY:
            return None
        return None
