"""The keys that one secret holds, as a process knows them: its newest versions, looked up once in a while.

Asking Secret Manager on every request would make it slower and as often away. The price is that a version which was
disabled works in a process for up to FRESH more, and for up to STALE while the store of secrets is away; what is made
with a new version works everywhere at once, for a key that a process does not know makes it look.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.platform.clock import Clock
from common.platform.secrets import SecretMissing, Secrets, SecretsUnavailable

FRESH = timedelta(seconds=60)
STALE = timedelta(minutes=15)
PAUSE = timedelta(seconds=2)  # between two looks for keys that are not there

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Known:
    keys: Mapping[str, str]  # newest first
    read_at: datetime
    asked_at: datetime


class Keyring:
    """The newest `kept` enabled versions of a secret: the first of them makes things, all of them prove things."""

    def __init__(self, secrets: Secrets, name: str, clock: Clock, *, kept: int = 2) -> None:
        self._secrets = secrets
        self._name = name
        self._clock = clock
        self._kept = kept
        self._known: _Known | None = None
        self._loading = threading.Lock()

    def newest(self) -> tuple[str, str]:
        """Version and value of the key to make things with; SecretMissing, or SecretsUnavailable."""
        for version, key in self._keys(FRESH).items():
            return version, key
        raise SecretMissing(f"the secret {self._name} has no enabled version: add one")

    def find(self, version: str) -> str | None:
        """The key of that version if it still proves things; SecretsUnavailable when that cannot be found out."""
        found = self._keys(FRESH).get(version)
        return found if found is not None else self._keys(PAUSE).get(version)

    def _keys(self, fresh: timedelta) -> Mapping[str, str]:
        known = self._known
        if known is not None and self._clock.now() - known.asked_at < fresh:
            return known.keys
        # Whoever has keys does not wait for the one who looks for newer ones.
        if not self._loading.acquire(blocking=known is None or self._is_stale(known)):
            assert known is not None
            return known.keys
        try:
            return self._load(known, fresh)
        finally:
            self._loading.release()

    def _load(self, seen: _Known | None, fresh: timedelta) -> Mapping[str, str]:
        known, now = self._known, self._clock.now()
        if known is not None and known is not seen and now - known.asked_at < fresh:
            return known.keys  # another thread has looked while this one waited
        before = known.keys if known is not None else {}
        try:
            versions = self._secrets.versions(self._name)[: self._kept]
            keys = {one: before.get(one) or self._secrets.read(self._name, one) for one in versions}
        except SecretMissing:  # disabled between the two calls, or not ours to read
            keys = {}
        except SecretsUnavailable as away:
            if known is None or self._is_stale(known):
                raise
            log.warning("keys cannot be looked up", extra={"secret": self._name, "reason": str(away)})
            # Ask again in a moment, not on every request.
            self._known = _Known(known.keys, known.read_at, now - FRESH + PAUSE)
            return known.keys
        self._known = _Known(keys, now, now)
        return keys

    def _is_stale(self, known: _Known) -> bool:
        return self._clock.now() - known.read_at >= STALE
