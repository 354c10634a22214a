"""POST /api-keys: make an API key."""

from pydantic import Field, field_validator

from common.domain.catalogue import Role
from common.domain.keys import NAME_LENGTH, covers
from common.domain.model import Model
from common.http.call import Answer, Call
from common.http.keys import VIEW_EXAMPLE, KeyView, view, who
from common.http.problem import Problem
from common.identity import api_keys
from common.platform.identity import check_user


class NewKey(Model):
    """What the key is for, and whom it stands for."""

    name: str = Field(min_length=1, max_length=NAME_LENGTH, description="What it is for, in your words.")
    role: Role = Field(default="user", description="What it may do: at most what you may do.")
    owner: str | None = Field(
        default=None, max_length=128, description="The user that it stands for; by default yourself."
    )

    @field_validator("owner")
    @classmethod
    def _names_a_user(cls, owner: str | None) -> str | None:
        return owner if owner is None else check_user(owner)

    @field_validator("name")
    @classmethod
    def _can_be_read(cls, name: str) -> str:
        if not name.isprintable() or not name.strip():
            raise ValueError("name must be text that can be read: no line breaks or control characters")
        return name


class Made(KeyView):
    """The new key, shown this once."""

    api_key: str = Field(description="The key, for the header X-API-Key. Keep it safe: it is not shown again.")


Body = NewKey
Reply = Made
STATUS = 201
PROBLEMS = ("role_too_high",)
EXAMPLE = {"name": "build server", "role": "user"}
REPLY_EXAMPLE = {**VIEW_EXAMPLE, "api_key": "apk_" + "x" * 64}


def handle(call: Call[NewKey]) -> Answer:
    """201 with the key. There is no Idempotency-Key for it: what it answers must not be kept anywhere."""
    wanted, caller = call.body, call.caller
    if not covers(caller.role, wanted.role):
        text = f"The role {caller.role} cannot make a key of the role {wanted.role}, which may do more."
        raise Problem(403, "role_too_high", text, facts={"role": caller.role, "wanted_role": wanted.role})
    key, text = api_keys.create(
        call.context, who(call), name=wanted.name, owner=wanted.owner or caller.id, role=wanted.role
    )
    return Answer(201, Made(**dict(view(key, key.created_at)), api_key=text), secret=True)
