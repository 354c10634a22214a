"""Who calls, and whether they may.

What proves it is one of

- `Authorization: Bearer` with an access token of ours or an ID token; each is verified by its own verifier only, and
  which one that is goes by the issuer that the token names,
- `X-API-Key` with an API key,
- the cookie of a browser's session, which counts only where neither header is there.

Both headers at once are a 400, for one of them would be ignored. A role is what the proof says, never a header. What
proves nothing is a 401, and while it cannot be found out the answer is 503: nobody new gets in. Access tokens that were
issued before go on working until they expire while the provider of identities is away, for they do not need it.

The role of an admin is not taken on trust where it would count for long: of an ID token, and of a login for what admins
alone may do, the provider is asked which role the user has now.
"""

import logging
from dataclasses import replace
from typing import NoReturn

from werkzeug.wrappers import Request

from common.domain.catalogue import Entry
from common.engine.context import Context
from common.http import address, csrf
from common.http.call import ANYONE
from common.http.problem import Problem
from common.identity import access, api_keys, families, sessions
from common.observability import audit
from common.observability import trace as tracing
from common.platform.identity import Caller, IdentityUnavailable, InvalidToken, UserMissing

KEY_HEADER = "X-API-Key"

_MOST_CHARACTERS = 8192

log = logging.getLogger(__name__)


def authenticate(entry: Entry, request: Request, context: Context) -> Caller:
    """The proved caller, whose role the function allows.

    Problem 400 or 401 for what proves nobody, 403 for another role or a missing CSRF token, and 503 while nobody can
    be proved.
    """
    if entry.roles == "public":
        return ANYONE
    try:
        caller = _proved(request, context)
        if entry.roles == ("admin",):
            caller = _of_now(caller, context)
    except IdentityUnavailable as away:
        raise _away(entry, away) from None
    if caller.role not in entry.roles:
        _note(entry, request, context, caller)
        raise Problem(
            403,
            "forbidden",
            f"The role {caller.role} may not do this; it takes the role {' or '.join(entry.roles)}.",
            facts={"role": caller.role, "allowed_roles": list(entry.roles)},
        )
    return caller


def by_token(token: str, context: Context) -> Caller:
    """The caller whom a bearer token proves; Problem 401, or IdentityUnavailable."""
    if not token or len(token) > _MOST_CHARACTERS:
        raise _malformed()
    try:
        if not access.is_ours(token):
            caller = context.identity.verify(token)
            return context.identity.verify(token, check_revoked=True) if caller.role == "admin" else caller
        proof = access.verify(context, token)
        families.standing(context, proof.user, proof.family)
    except InvalidToken as refused:
        _refuse(f"The token is not accepted: {refused}.")
    return Caller(proof.user, proof.role, "access_token", proof.family)


def challenge(error: str) -> dict[str, str]:
    """The header that every 401 has; `error` is a code of RFC 6750, or nothing where nothing was sent."""
    return {"WWW-Authenticate": 'Bearer realm="aiprod"' + (f', error="{error}"' if error else "")}


def _note(entry: Entry, request: Request, context: Context, caller: Caller) -> None:
    """Record that a caller reached for what its role may not do: the first time in a minute, for each function."""
    if context.cache.increment(f"denied:{entry.name}:{caller.id}", seconds=60) > 1:
        return
    trace = tracing.current()
    audit.record(
        context.documents,
        context.clock,
        "PERMISSION_DENIED",
        actor=caller.id,
        subject=entry.name,
        outcome="failure",
        address=address.client(request, context.settings.trusted_proxies),
        request_id=trace.request_id if trace else "",
        facts={"role": caller.role, "via": caller.via},
    )


def _proved(request: Request, context: Context) -> Caller:
    bearer, key = request.headers.get("Authorization", "").strip(), request.headers.get(KEY_HEADER, "").strip()
    if bearer and key:
        raise Problem(
            400,
            "ambiguous_credentials",
            f"Both Authorization and {KEY_HEADER} are there, and only one of them can say who calls; send one.",
        )
    if bearer:
        scheme, _, token = bearer.partition(" ")
        if scheme.lower() != "bearer":
            raise _malformed()
        return by_token(token.strip(), context)
    if key:
        return _by_key(key, context)
    cookie = request.cookies.get(sessions.cookie_name(context.settings), "")
    if cookie:
        return _by_cookie(cookie, request, context)
    raise _unauthenticated(
        f"This endpoint needs to know who calls: send Authorization: Bearer TOKEN, or {KEY_HEADER}, or log in.", ""
    )


def _of_now(caller: Caller, context: Context) -> Caller:
    """The caller of a login in the role of now; what else proves an admin was looked up, or ends with the role."""
    if caller.role != "admin" or caller.via not in ("access_token", "session"):
        return caller
    try:
        since = families.standing(context, caller.id, caller.session).created_at
        return replace(caller, role=context.identity.role_of(caller.id, since=since))
    except (InvalidToken, UserMissing):
        _refuse("The login is not accepted: it has ended, or its user is gone, disabled or signed out; log in again.")


def _by_key(key: str, context: Context) -> Caller:
    try:
        return api_keys.verify(context, key)
    except InvalidToken as refused:
        _refuse(f"The API key is not accepted: {refused}.")


def _by_cookie(cookie: str, request: Request, context: Context) -> Caller:
    try:
        if len(cookie) > _MOST_CHARACTERS:
            raise InvalidToken("the session's cookie is not ours")
        family = sessions.verify(context, cookie)
    except sessions.Stale as stale:
        detail = f"The session has to be renewed: {stale}."
        raise Problem(401, "session_stale", detail, headers=challenge("invalid_token")) from None
    except InvalidToken as refused:
        _refuse(f"The session is not accepted: {refused}.")
    if request.method not in csrf.SAFE:
        csrf.check(request.headers, cookie, context.clock.now())
    return Caller(family.user, family.role, "session", family.id)


def _refuse(detail: str) -> NoReturn:
    raise _unauthenticated(detail, "invalid_token") from None


def _malformed() -> Problem:
    return _unauthenticated("The Authorization header must read: Bearer TOKEN.", "invalid_request")


def _unauthenticated(detail: str, error: str) -> Problem:
    return Problem(401, "unauthenticated", detail, headers=challenge(error))


def _away(entry: Entry, away: IdentityUnavailable) -> Problem:
    log.warning("identity provider unavailable", extra={"function": entry.name, "reason": str(away)})
    return Problem(
        503,
        "unavailable",
        "The service cannot verify who calls right now, so it lets nobody new in; try again in a moment.",
        headers={"Retry-After": "5"},
    )
