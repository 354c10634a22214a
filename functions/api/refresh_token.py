"""POST /auth/refresh: renew a login."""

from pydantic import Field

from common.domain.model import Model
from common.http import csrf, grants
from common.http.audited import note
from common.http.call import Answer, Call
from common.http.grants import Grant
from common.http.identity import challenge
from common.http.problem import Problem
from common.identity import access, families, sessions
from common.identity.families import Reused
from common.platform.identity import InvalidToken


class Refresh(Model):
    """What is renewed: a refresh token, or without one the session whose cookie comes with the request."""

    refresh_token: str | None = Field(
        default=None, min_length=1, max_length=1024, description="The newest one; absent for a browser's session."
    )


Body = Refresh
Reply = Grant
PROBLEMS = ("nothing_to_renew", "refresh_refused", "csrf_failed")
EXAMPLE = {"refresh_token": grants.EXAMPLE["refresh_token"]}
REPLY_EXAMPLE = grants.EXAMPLE


def handle(call: Call[Refresh]) -> Answer:
    """New tokens in the role that the user has now; the token that was sent works no more, and must not come again."""
    context = call.context
    try:
        if call.body.refresh_token is not None:
            access.signing_key(context)  # without one the token would be consumed for nothing
            family, text = families.refresh(context, call.body.refresh_token)
            answer = grants.of_tokens(context, family, text)
        else:
            cookie = grants.session_of(call.headers, context.settings)
            if not cookie:
                raise Problem(400, "nothing_to_renew", "Send a refresh_token, or the cookie of a session.")
            csrf.check(call.headers, cookie, context.clock.now())
            family = sessions.renew(context, cookie)
            answer = grants.of_session(context, family, cookie)
    except Reused as reused:
        note(call, "SECURITY_ALERT", actor=reused.user, subject=reused.family, outcome="failure", reason=str(reused))
        raise _refused(reused) from None
    except InvalidToken as refused:
        note(call, "AUTH_FAILURE", actor="", outcome="failure", reason=str(refused))
        raise _refused(refused) from None
    note(call, "AUTH_TOKEN_REFRESH", actor=family.user, subject=family.id, role=family.role, login=family.kind)
    return answer


def _refused(reason: InvalidToken) -> Problem:
    text = f"The login is not renewed: {reason}."
    return Problem(401, "refresh_refused", text, headers=challenge("invalid_token"))
