"""GET /auth/me: who calls."""

from datetime import datetime

from pydantic import Field

from common.domain.model import Model
from common.http.call import Answer, Call, Empty
from common.identity import families
from common.platform.identity import Role, Via


class Me(Model):
    """The caller, as this request proved it."""

    id: str = Field(description="The caller's id.")
    role: Role = Field(description="What the caller may do goes by it.")
    via: Via = Field(description="What proved it.")
    session: str | None = Field(description="Id of the login or of the API key; null for an ID token.")
    session_expires_at: datetime | None = Field(description="When the login ends unless it is renewed; null for none.")


Reply = Me
REPLY_EXAMPLE = {
    "id": "ann",
    "role": "user",
    "via": "access_token",
    "session": "0f6c1d5f0a7c4b0a9e21",
    "session_expires_at": "2026-03-08T12:00:00Z",
}


def handle(call: Call[Empty]) -> Answer:
    """The caller's id and role, what proved them, and until when the login behind it can be renewed."""
    caller, ends = call.caller, None
    if caller.via in ("access_token", "session"):
        ends = families.standing(call.context, caller.id, caller.session).expires_at
    session = caller.session or None
    return Answer(body=Me(id=caller.id, role=caller.role, via=caller.via, session=session, session_expires_at=ends))
