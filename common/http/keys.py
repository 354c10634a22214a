"""API keys as administrators see them: everything but the key."""

from datetime import datetime
from typing import Any

from pydantic import Field

from common.domain.catalogue import Role
from common.domain.keys import ApiKey, KeyStatus
from common.domain.model import Model
from common.http.call import Call
from common.http.problem import Problem, not_found
from common.identity.api_keys import KeyNotActive, UnknownKey
from common.observability.audit import Who

VIEW_EXAMPLE: dict[str, Any] = {
    "id": "key_9f2c4e6a8b0d1f35",
    "name": "build server",
    "owner": "user-1",
    "role": "user",
    "service": "",
    "status": "active",
    "created_by": "user-1",
    "created_at": "2026-03-01T09:30:00Z",
    "valid_until": "2026-05-30T09:30:00Z",
    "parent": "",
    "successor": "",
    "revoked_at": None,
    "last_used_at": None,
    "uses": 0,
}
ROTATED_EXAMPLE: dict[str, Any] = {
    "new_api_key": "apk_" + "x" * 64,
    "id": "key_9f2c4e6a8b0d1f35",
    "valid_until": "2026-05-30T09:30:00Z",
    "replaces": "key_0123456789abcdef",
    "previous_valid_until": "2026-03-08T09:30:00Z",
}


class KeyView(Model):
    """One version of an API key. The key itself is shown once, when it is made."""

    id: str = Field(description="Begins like the hash of the key; it opens nothing.")
    name: str = Field(description="What it is for.")
    owner: str = Field(description="The caller that it stands for.")
    role: Role = Field(description="What it may do.")
    service: str = Field(description="The service that it is rotated for; empty for all others.")
    status: KeyStatus = Field(description="A replaced key works until valid_until.")
    created_by: str = Field(description="Who made it.")
    created_at: datetime = Field(description="When, in UTC.")
    valid_until: datetime = Field(description="From when on it is refused, unless it was revoked before.")
    parent: str = Field(description="Id of the version before; empty for the first.")
    successor: str = Field(description="Id of the version after; empty for the newest.")
    revoked_at: datetime | None = Field(description="When it was revoked.")
    last_used_at: datetime | None = Field(description="When it was used last, to about a minute.")
    uses: int = Field(description="How often it was used, about.")


class Rotation(Model):
    """A new version of an API key, shown this once."""

    new_api_key: str = Field(description="The key, for the header X-API-Key. It works at once and is not shown again.")
    id: str = Field(description="Its id.")
    valid_until: datetime = Field(description="When it expires.")
    replaces: str = Field(description="Id of the last version; empty where there was none.")
    previous_valid_until: datetime | None = Field(
        description="How long the last version still works; older ones are refused from now on."
    )


def who(call: Call[Any]) -> Who:
    """Who asks, for the audit log."""
    return Who(call.caller.id, call.address, call.request_id)


def view(key: ApiKey, now: datetime) -> KeyView:
    """A key as it stands now."""
    fields = {name: getattr(key, name) for name in KeyView.model_fields if name != "status"}
    return KeyView(**fields, status=key.status(now))


def rotation(new: ApiKey, text: str, last: ApiKey | None) -> Rotation:
    """What a rotation answers."""
    return Rotation(
        new_api_key=text,
        id=new.id,
        valid_until=new.valid_until,
        replaces=last.id if last else "",
        previous_valid_until=last.valid_until if last else None,
    )


def unknown(error: UnknownKey) -> Problem:
    """There is no such key."""
    return not_found(str(error))


def not_active(error: KeyNotActive) -> Problem:
    """The key cannot be rotated, and which one can."""
    text = str(error) + (f" Its newer version is {error.successor}." if error.successor else "")
    return Problem(409, "key_not_active", text, facts={"key_status": error.status, "successor": error.successor})
