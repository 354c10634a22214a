"""Sessions of browsers: one cookie that no script can read, and the proof that a page of ours sent the request.

The cookie keeps its value for as long as the session lives. It is not rotated, for the tabs of a browser share it and
send it at the same moment; instead, POST /auth/refresh proves the session anew, and one that was not proved within the
life of an access token opens nothing else.

A CSRF token is 32 random bytes, its end, and their MAC by the session's own secret: a site that plants a cookie of
that name cannot make one, and one of another session does not pass.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from common.domain.profiles import is_loopback
from common.domain.settings import Settings
from common.engine.context import Context
from common.identity import families
from common.identity.families import Family
from common.platform.identity import InvalidToken, Role

CSRF_COOKIE = "csrf_token"
CSRF_LIFE = timedelta(minutes=60)

_COOKIE = "session"


class Stale(InvalidToken):
    """The session lives, but has to be proved anew by POST /auth/refresh."""


def cookie_name(settings: Settings) -> str:
    """Name of the session's cookie: one that browsers keep only from this very host and over TLS.

    On this machine, where pages come over http, no browser would keep that one.
    """
    return _COOKIE if _is_local(settings) else f"__Host-{_COOKIE}"


def begin(context: Context, user: str, role: Role) -> tuple[Family, str]:
    """Start a session; also the value of its cookie."""
    family, text = families.begin(context, user, role, "session")
    return family, f"{family.id}.{text}"


def verify(context: Context, cookie: str) -> Family:
    """The session that a cookie opens; InvalidToken, or Stale."""
    family_id, user, text = _parts(cookie)
    family = families.standing(context, user, family_id)
    if not families.opens(family, text):
        raise InvalidToken("the session's cookie is not ours")
    if _is_stale(context, family):
        family = families.standing(context, user, family_id, asked_anew=True)
    if _is_stale(context, family):
        raise Stale("the session was not renewed in time: POST /auth/refresh does it")
    return family


def renew(context: Context, cookie: str) -> Family:
    """Prove a session anew; InvalidToken."""
    family_id, user, text = _parts(cookie)
    return families.renew(context, user, family_id, text)


def cookies(settings: Settings, cookie: str, csrf: str, life: timedelta) -> tuple[str, str]:
    """Set-Cookie values of a session and its CSRF token."""
    session = _set_cookie(settings, cookie_name(settings), cookie, life, hidden=True)
    return session, csrf_cookie(settings, csrf)


def csrf_cookie(settings: Settings, token: str) -> str:
    """Set-Cookie value of a CSRF token, which the page's script reads."""
    return _set_cookie(settings, CSRF_COOKIE, token, CSRF_LIFE, hidden=False)


def no_cookies(settings: Settings) -> tuple[str, str]:
    """Set-Cookie values that take both cookies away."""
    gone = timedelta()
    return (
        _set_cookie(settings, cookie_name(settings), "", gone, hidden=True),
        _set_cookie(settings, CSRF_COOKIE, "", gone, hidden=False),
    )


def csrf_token(cookie: str, now: datetime) -> str:
    """A CSRF token of the session that has this cookie."""
    said = f"{secrets.token_urlsafe(32)}.{int((now + CSRF_LIFE).timestamp())}"
    return f"{said}.{_mac(cookie, said)}"


def is_csrf_token(cookie: str, token: str, now: datetime) -> bool:
    """Whether the token is one of this session's, and still in time."""
    said, _, mac = token.rpartition(".")
    end = said.rpartition(".")[2]
    if not token.isascii() or not hmac.compare_digest(_mac(cookie, said), mac):
        return False
    return now.timestamp() < int(end)  # ours, so it is a number


def _mac(cookie: str, said: str) -> str:
    made = hmac.new(cookie.encode(), f"csrf {said}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _parts(cookie: str) -> tuple[str, str, str]:
    family_id, _, text = cookie.partition(".")
    return family_id, families.user_of(text), text


def _is_stale(context: Context, family: Family) -> bool:
    return context.clock.now() - family.proved_at >= timedelta(seconds=context.settings.access_token_ttl)


def _is_local(settings: Settings) -> bool:
    return settings.profile != "gcp" and settings.public_url.startswith("http://") and is_loopback(settings.public_url)


def _set_cookie(settings: Settings, name: str, value: str, life: timedelta, *, hidden: bool) -> str:
    attributes = ["Path=/", f"Max-Age={int(life.total_seconds())}", "SameSite=Lax"]
    if not _is_local(settings):
        attributes.append("Secure")
    if hidden:
        attributes.append("HttpOnly")
    return "; ".join([f"{name}={value}", *attributes])
