"""POST /auth/logout: end the login that the request was made with."""

from pydantic import Field

from common.domain.model import Model
from common.http.audited import note
from common.http.call import Answer, Call, Empty
from common.http.problem import Problem
from common.identity import families, sessions


class LoggedOut(Model):
    """The login is over."""

    logged_out: bool = Field(description="Always true.")


Reply = LoggedOut
PROBLEMS = ("no_session",)
REPLY_EXAMPLE = {"logged_out": True}


def handle(call: Call[Empty]) -> Answer:
    """Nothing that came from the login works any more, and a browser's cookies are taken away."""
    context, caller = call.context, call.caller
    if caller.via not in ("access_token", "session"):
        raise Problem(400, "no_session", f"An {caller.via} belongs to no login of this service.")
    families.end(context, caller.id, caller.session, "logged out")
    note(call, "AUTH_TOKEN_REVOKE", actor=caller.id, subject=caller.session, reason="logged out")
    return Answer(body=LoggedOut(logged_out=True), cookies=sessions.no_cookies(context.settings))
