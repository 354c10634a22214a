"""What a login and its renewals answer: tokens for a program, or cookies for a browser."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from werkzeug.datastructures import Headers

from common.domain.model import Model
from common.domain.settings import Settings
from common.engine.context import Context
from common.http.call import Answer
from common.http.cookies import sent_in
from common.identity import access, sessions
from common.identity.families import Family

EXAMPLE: dict[str, Any] = {
    "access_token": "eyJhbGciOiJIUzI1NiIsImtpZCI6IjEiLCJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl",
    "refresh_token": "YW5u.ytQD_GZsCz48iOkpum0mtCzituVVOMO4_aE_8oLhxeg",
    "token_type": "Bearer",
    "expires_in": 900,
    "issued_at": "2026-03-01T12:00:00Z",
}


class Grant(Model):
    """Proof of who calls, for a while. The tokens of a browser's session are in cookies, which no script can read."""

    access_token: str | None = Field(default=None, description="Sent as Authorization: Bearer; absent in a session.")
    refresh_token: str | None = Field(
        default=None, description="Works once, at POST /auth/refresh, which answers the next; absent in a session."
    )
    csrf_token: str | None = Field(
        default=None, description="In a session only: sent as the header X-CSRF-Token with what changes something."
    )
    token_type: Literal["Bearer", "Cookie"] = Field(description="How it is sent.")
    expires_in: int = Field(description="Seconds until it has to be renewed at POST /auth/refresh.")
    issued_at: datetime = Field(description="Since when it is good.")


def of_tokens(context: Context, family: Family, refresh_token: str) -> Answer:
    """An access token of the family, and its refresh token."""
    token = access.issue(context, family.user, family.role, family.id, now=family.proved_at)
    return _answer(context, family, access_token=token, refresh_token=refresh_token, token_type="Bearer")  # noqa: S106


def of_session(context: Context, family: Family, cookie: str) -> Answer:
    """The cookies of a session, which lasts until its family does."""
    token = sessions.csrf_token(cookie, family.proved_at)
    kept = sessions.cookies(context.settings, cookie, token, family.expires_at - family.proved_at)
    return _answer(context, family, kept, csrf_token=token, token_type="Cookie")  # noqa: S106


def session_of(headers: Headers, settings: Settings) -> str:
    """The cookie of the browser's session, or nothing; nothing about it is proved."""
    return sent_in(headers).get(sessions.cookie_name(settings), "")


def _answer(context: Context, family: Family, cookies: tuple[str, ...] = (), **found: Any) -> Answer:
    grant = Grant(
        expires_in=context.settings.access_token_ttl, issued_at=family.proved_at.replace(microsecond=0), **found
    )
    return Answer(body=grant.model_dump(mode="json", exclude_none=True), cookies=cookies, secret=True)
