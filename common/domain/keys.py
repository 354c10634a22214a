"""API keys as records: how long one works, and what a rotation makes of the versions before it.

Two versions work at most: the newest, and for a while the one before it, so that whoever uses the key has time to
change over. Anything older is refused from the moment of the rotation.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from common.domain.catalogue import Role
from common.domain.model import Model

LIFE = timedelta(days=90)
GRACE = timedelta(days=7)
SHOWN = timedelta(days=90)  # that an ended key stays in the list
NAME_LENGTH = 50
SERVICE = r"^[a-z][a-z0-9_-]{0,39}$"

KeyStatus = Literal["active", "replaced", "expired", "revoked"]

_COVERED: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        "admin": frozenset({"admin", "user", "viewer", "service"}),
        "user": frozenset({"user", "viewer"}),
        "viewer": frozenset({"viewer"}),
        "service": frozenset({"service"}),
    }
)


class ApiKey(Model):
    """One version of an API key. The key itself is nowhere: `hash` is its SHA-256."""

    id: str
    hash: str
    name: str
    owner: str  # the caller that it stands for
    role: Role
    service: str = ""  # whose key it is, where it is rotated for a service
    created_by: str
    created_at: datetime
    valid_until: datetime
    parent: str = ""  # the version before
    successor: str = ""  # the version after
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    uses: int = 0

    def status(self, now: datetime) -> KeyStatus:
        """Where it stands. A replaced key still works while `works` says so."""
        if self.revoked_at is not None:
            return "revoked"
        if self.successor:
            return "replaced"
        return "active" if now < self.valid_until else "expired"

    def works(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and now < self.valid_until

    @property
    def expires_at(self) -> datetime:
        """When its record vanishes."""
        return self.valid_until + SHOWN


def covers(role: Role, other: Role) -> bool:
    """Whether a role may do all that another may, so that it can hand it on."""
    return other in _COVERED[role]


def is_service(name: str) -> bool:
    """Whether this can be the name of a service: part of the names of documents and secrets."""
    return re.fullmatch(SERVICE, name) is not None


def rotated(new: ApiKey, last: ApiKey | None, before: ApiKey | None, now: datetime) -> tuple[ApiKey, ...]:
    """The versions that change: the new one follows the last, which has its grace, and the one before ends now."""
    if last is None:
        return (new,)
    changed = [
        new.model_copy(update={"parent": last.id}),
        last.model_copy(update={"successor": new.id, "valid_until": min(last.valid_until, now + GRACE)}),
    ]
    if before is not None and before.works(now):
        changed.append(before.model_copy(update={"valid_until": now}))
    return tuple(changed)


def revoked(key: ApiKey, before: ApiKey | None, now: datetime) -> tuple[ApiKey, ...]:
    """The versions that a revocation ends: the key, and the older one that still has its grace."""
    ended = [
        one for one in (key, before) if one is not None and one.revoked_at is None and (one is key or one.works(now))
    ]
    return tuple(one.model_copy(update={"revoked_at": now, "valid_until": min(one.valid_until, now)}) for one in ended)
