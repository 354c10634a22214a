"""Cross-site requests: what a browser sends with a session's cookie counts only if a page of ours sent it.

Double submit: the CSRF token must come in the header X-CSRF-Token, which no other site can set, and in its cookie, and
be one of this session's. Bearer tokens and API keys are never sent by themselves, so they need none.
"""

from hmac import compare_digest

from werkzeug.wrappers import Request

from common.engine.context import Context
from common.http.problem import Problem
from common.identity import sessions

HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD"})


def check(request: Request, context: Context, cookie: str) -> None:
    """Problem 403 for a request that changes something and does not prove that a page of ours sent it."""
    if request.method in _SAFE:
        return
    sent, kept = request.headers.get(HEADER, ""), request.cookies.get(sessions.CSRF_COOKIE, "")
    if not sent:
        raise _refused(f"This request comes with a session's cookie, so it needs the header {HEADER}.")
    if not compare_digest(sent.encode(), kept.encode()):
        raise _refused(f"The header {HEADER} and the cookie {sessions.CSRF_COOKIE} are not the same.")
    if not sessions.is_csrf_token(cookie, sent, context.clock.now()):
        raise _refused("The CSRF token has expired, or is none of this session.")


def _refused(reason: str) -> Problem:
    return Problem(403, "csrf_failed", f"{reason} Get a token with GET /csrf-token, and send it as header and cookie.")
