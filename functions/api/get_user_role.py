"""GET /admin/users/{id}/role: what a user may do."""

from common.http.audited import note
from common.http.call import Answer, Call, Empty
from common.http.users import ROLE_EXAMPLE, UserRole, role_of

Reply = UserRole
PROBLEMS = ("not_found",)
REPLY_EXAMPLE = ROLE_EXAMPLE


def handle(call: Call[Empty]) -> Answer:
    """The role that the user's next token carries."""
    found = role_of(call)
    note(call, "DATA_ACCESS", actor=call.caller.id, subject=f"users/{found.id}")
    return Answer(body=found)
