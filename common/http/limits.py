"""How often may be called: per address, per caller, and per caller and function where the catalogue says so.

Counted in the cache that all processes share, in each process alone while that is away: looser then by the number of
processes, and no request fails for it. The port counts sliding windows itself, in one round trip and by the clock of
its tests; the package `limits` would bring its own clock, threads and handling of an outage for the same promise.
The address is counted before anybody is authenticated, so that guessing tokens is limited, too.
"""

from collections.abc import Sequence

from common.domain.catalogue import Entry
from common.domain.quota import Taken
from common.engine.context import Context
from common.http.address import household
from common.http.problem import Problem
from common.platform.identity import Caller

PER_ADDRESS = 1000
PER_USER = 500
SECONDS = 60
QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"


class Limits:
    """The quotas of one endpoint, or of what no endpoint takes. Each check answers the RateLimit headers for what was
    taken so far; Problem 429.
    """

    def __init__(self, entry: Entry | None = None) -> None:
        public = entry is None or entry.roles == "public"
        exempt = entry is not None and entry.exempt
        general = [] if exempt else [("address", PER_ADDRESS)]
        own = [(entry.name, entry.limit)] if entry and entry.limit else []
        # Of a public function nobody knows the caller: its own limit counts per address, too.
        self._by_address: Sequence[tuple[str, int]] = [*general, *own] if public else general
        self._by_caller: Sequence[tuple[str, int]] = [] if public or exempt else [("user", PER_USER), *own]
        asked = [*self._by_address, *self._by_caller]
        self._policy = ", ".join(f'"{name}";q={most};w={SECONDS}' for name, most in asked)

    def of_address(self, context: Context, address: str) -> dict[str, str]:
        """Take one for an address; a call from within this process has none."""
        return self._take(context, self._by_address, household(address), {}) if self._by_address and address else {}

    def of_caller(self, context: Context, caller: Caller, before: dict[str, str]) -> dict[str, str]:
        """Take one for a caller, after what was taken for its address."""
        return self._take(context, self._by_caller, f"@{caller.id}", before) if self._by_caller else before

    def _take(
        self, context: Context, asked: Sequence[tuple[str, int]], who: str, before: dict[str, str]
    ) -> dict[str, str]:
        states = [before["RateLimit"]] if before else []
        for name, most in asked:
            taken = context.cache.take(f"limit.{name}.{who}", most=most, seconds=SECONDS)
            states.append(f'"{name}";r={taken.left};t={taken.seconds}')
            if not taken.granted:
                raise _exceeded(name, most, taken, self._headers(states))
        return self._headers(states)

    def _headers(self, states: Sequence[str]) -> dict[str, str]:
        return {"RateLimit-Policy": self._policy, "RateLimit": ", ".join(states)}


def _exceeded(name: str, most: int, taken: Taken, headers: dict[str, str]) -> Problem:
    whose = {"address": "Your address", "user": "You"}.get(name, "You, for this function,")
    return Problem(
        429,
        "quota_exceeded",
        f"{whose} may send {most} requests in {SECONDS} seconds; come again in {taken.seconds}.",
        type=QUOTA_EXCEEDED,
        headers={**headers, "Retry-After": str(taken.seconds)},
        facts={"violated-policies": [name], "quota": most, "window_seconds": SECONDS, "retry_after": taken.seconds},
    )
