"""PUT /admin/users/{id}/role: say what a user may do."""

from pydantic import Field

from common.domain.catalogue import Role
from common.domain.model import Model
from common.http import conditional
from common.http.audited import note
from common.http.call import Answer, Call
from common.http.keys import who
from common.http.problem import Problem, not_found
from common.http.users import ROLE_EXAMPLE, UserRole, role_of, tag
from common.identity import api_keys, families
from common.observability import audit
from common.platform.identity import UserMissing


class NewRole(Model):
    """The role to give."""

    role: Role = Field(description="What the user may do from the next token on.")


Body = NewRole
Reply = UserRole
PROBLEMS = ("not_found", "own_role", "precondition_failed")
EXAMPLE = {"role": "user"}
REPLY_EXAMPLE = ROLE_EXAMPLE


def handle(call: Call[NewRole]) -> Answer:
    """Logins and API keys of the user that may do more than the new role end; within a minute everywhere.

    What the role adds counts from the user's next refresh on. An ID token works for an hour at most, in the role that
    it says unless that is admin.

    Nobody takes the role of an admin from themselves: another admin does, so that one always is left.
    """
    before, role, context = role_of(call), call.body.role, call.context
    conditional.require(call, tag(before))  # the roles' store knows no condition, so this looks a moment earlier
    if before.id == call.caller.id and role != "admin":
        raise Problem(409, "own_role", "This would take your own role of an admin away; have another admin do it.")
    subject = f"users/{before.id}"
    # The roles are not in our store, so no commit holds both: what is begun is on record before it is done.
    begun = audit.entry(
        context.clock,
        "ADMIN_ACTION",
        actor=call.caller.id,
        subject=subject,
        outcome="begun",
        address=call.address,
        request_id=call.request_id,
        facts={"before": before.role, "role": role},
    )
    context.documents.commit([begun])
    audit.say(begun)
    try:
        context.identity.set_role(before.id, role)
    except UserMissing:
        raise not_found(f"There is no user {before.id[:64]!r} any more.") from None
    ended = families.bound(context, before.id, role)
    revoked = api_keys.bound(context, who(call), before.id, role)
    note(
        call,
        "ADMIN_ACTION",
        actor=call.caller.id,
        subject=subject,
        before=before.role,
        role=role,
        ended_logins=ended,
        revoked_keys=revoked,
    )
    return Answer(body=UserRole(id=before.id, role=role))
