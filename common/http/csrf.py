"""Cross-site requests: what a browser sends with a session's cookie counts only if a page of ours sent it.

Double submit: the CSRF token must come in the header X-CSRF-Token, which no other site can set, and in its cookie, and
be one of this session's. Bearer tokens and API keys are never sent by themselves, so they need none.
"""

from datetime import datetime
from hmac import compare_digest
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

from common.domain.settings import Settings
from common.http.cookies import sent_in
from common.http.problem import Problem
from common.identity import sessions

HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD"})  # methods that change nothing


def check(headers: Headers, session: str, now: datetime) -> None:
    """Problem 403 unless the request proves that a page of ours sent it; `session` is the session's cookie."""
    sent = headers.get(HEADER, "")
    kept = sent_in(headers).get(sessions.CSRF_COOKIE, "")
    if not sent:
        raise _refused(f"This request comes with a session's cookie, so it needs the header {HEADER}.")
    if not compare_digest(sent.encode(), kept.encode()):
        raise _refused(f"The header {HEADER} and the cookie {sessions.CSRF_COOKIE} are not the same.")
    if not sessions.is_csrf_token(session, sent, now):
        raise _refused("The CSRF token has expired, or is none of this session.")


def check_origin(headers: Headers, settings: Settings) -> None:
    """Problem 403 for a page of another site that logs its visitor in, as somebody whom it chose."""
    own = urlsplit(settings.public_url)
    origin = headers.get("Origin")
    if origin is not None and origin not in settings.origins | {f"{own.scheme}://{own.netloc}"}:
        raise Problem(
            403,
            "origin_not_allowed",
            "A session begins on a page of the service's own or of its allowed origins only; log in there.",
        )


def _refused(reason: str) -> Problem:
    return Problem(403, "csrf_failed", f"{reason} Get a token with GET /csrf-token, and send it as header and cookie.")
