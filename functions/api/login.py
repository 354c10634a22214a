"""POST /auth/login: exchange an ID token for a login of ours."""

from pydantic import Field

from common.domain.model import Model
from common.http import csrf, grants
from common.http.audited import note
from common.http.call import Answer, Call
from common.http.grants import Grant
from common.http.identity import challenge
from common.http.problem import Problem
from common.identity import families, sessions
from common.platform.identity import InvalidToken


class Login(Model):
    """Who logs in, and with what it wants to be known from then on."""

    id_token: str = Field(min_length=1, max_length=8192, description="ID token of the provider of identities.")
    session: bool = Field(default=False, description="For a browser: answer cookies instead of tokens.")


Body = Login
Reply = Grant
PROBLEMS = ("login_refused", "origin_not_allowed")
EXAMPLE = {"id_token": "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl", "session": False}
REPLY_EXAMPLE = grants.EXAMPLE


def handle(call: Call[Login]) -> Answer:
    """Tokens, or the cookies of a session, in the role that the user has now; 401 unless the user is there still."""
    context = call.context
    if call.body.session:
        csrf.check_origin(call.headers, context.settings)
    try:
        caller = context.identity.verify(call.body.id_token, check_revoked=True)
    except InvalidToken as refused:
        note(call, "AUTH_FAILURE", actor="", outcome="failure", reason=str(refused))
        text = f"The ID token is not accepted: {refused}."
        raise Problem(401, "login_refused", text, headers=challenge("invalid_token")) from None
    if call.body.session:
        family, text = sessions.begin(context, caller.id, caller.role)
        answer = grants.of_session(context, family, text)
    else:
        family, text = families.begin(context, caller.id, caller.role, "tokens")
        answer = grants.of_tokens(context, family, text)
    note(call, "AUTH_SUCCESS", actor=caller.id, subject=family.id, role=family.role, login=family.kind)
    return answer
