"""GET /csrf-token: what a browser's session needs to change anything."""

from datetime import datetime

from pydantic import Field

from common.domain.model import Model
from common.http import grants
from common.http.call import Answer, Call, Empty
from common.identity import sessions


class CsrfToken(Model):
    """A token that works with the session whose cookie came with the request, and with no other."""

    csrf_token: str = Field(description="Sent as the header X-CSRF-Token; its cookie comes with this answer.")
    expires_at: datetime = Field(description="Until when it works.")


Reply = CsrfToken
REPLY_EXAMPLE = {
    "csrf_token": "kP63L_gINidsQc9UMK2meHbS0lvWWVMOrR4LQP5bnO8.1772370000.9cjU7cgWTN7hSQBwHHUdZcwVbn6KZ0AuZ1-aIsLtYvA",
    "expires_at": "2026-03-01T13:00:00Z",
}


def handle(call: Call[Empty]) -> Answer:
    """32 random bytes bound to the session; without a session's cookie they fit none, so log in first."""
    now = call.context.clock.now()
    token = sessions.csrf_token(grants.session_of(call.headers, call.context.settings), now)
    found = CsrfToken(csrf_token=token, expires_at=now.replace(microsecond=0) + sessions.CSRF_LIFE)
    return Answer(body=found, cookies=(sessions.csrf_cookie(call.context.settings, token),))
