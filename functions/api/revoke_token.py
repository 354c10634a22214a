"""POST /auth/revoke: end the login that a refresh token came from (RFC 7009)."""

from pydantic import Field

from common.domain.model import Model
from common.http import grants
from common.http.audited import note
from common.http.call import Answer, Call
from common.identity import families
from common.platform.identity import InvalidToken


class Revocation(Model):
    """What shall work no more."""

    refresh_token: str = Field(min_length=1, max_length=1024, description="Any token of the login, used or not.")


class Revoked(Model):
    """It works no more, if it ever did."""

    revoked: bool = Field(description="Always true: whether the token was known is not told.")


Body = Revocation
Reply = Revoked
EXAMPLE = {"refresh_token": grants.EXAMPLE["refresh_token"]}
REPLY_EXAMPLE = {"revoked": True}


def handle(call: Call[Revocation]) -> Answer:
    """200 whatever the token was; its login, with every token that came from it, has ended."""
    context = call.context
    try:
        user, family = families.family_of(context, call.body.refresh_token)
    except InvalidToken:
        return Answer(body=Revoked(revoked=True))
    if families.end(context, user, family, "its refresh token was revoked"):
        note(call, "AUTH_TOKEN_REVOKE", actor=user, subject=family, reason="its refresh token was revoked")
    return Answer(body=Revoked(revoked=True))
