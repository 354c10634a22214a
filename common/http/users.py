"""Users as administrators see them: whose role it is."""

from typing import Any

from pydantic import Field

from common.domain.catalogue import Role
from common.domain.model import Model
from common.http import conditional, respond
from common.http.call import Call
from common.http.problem import not_found
from common.platform.identity import UserMissing, is_user

ROLE_EXAMPLE: dict[str, Any] = {"id": "user-1", "role": "user"}


class UserRole(Model):
    """A user and what the user may do."""

    id: str = Field(description="The user.")
    role: Role = Field(description="What the user's next access token may do.")


def role_of(call: Call[Any]) -> UserRole:
    """The role of the user whom the path names; Problem 404."""
    user = call.params["id"]
    unknown = not_found(f"There is no user {user[:64]!r}.")
    if not is_user(user):
        raise unknown
    try:
        return UserRole(id=user, role=call.context.identity.role_of(user))
    except UserMissing:
        raise unknown from None


def tag(found: UserRole) -> str:
    """The entity tag that the boundary gives the page of this role."""
    return conditional.etag(respond.payload(found, "application/json"))
