"""Who calls, and whether they may: an ID token in the Authorization header, and nothing else."""

import logging

from common.domain.catalogue import Entry
from common.http.call import ANYONE
from common.http.problem import Problem
from common.platform.identity import Caller, Identity, IdentityUnavailable, InvalidToken

_MOST_CHARACTERS = 8192

log = logging.getLogger(__name__)


def authenticate(entry: Entry, authorization: str, identity: Identity) -> Caller:
    """The verified caller whose role the function allows; Problem 401, 403, or 503 while nobody can be verified."""
    if entry.roles == "public":
        return ANYONE
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if not authorization.strip():
        raise _unauthenticated("This endpoint needs an ID token: send the header Authorization: Bearer TOKEN.", "")
    if scheme.lower() != "bearer" or not token or len(token) > _MOST_CHARACTERS:
        raise _unauthenticated("The Authorization header must read: Bearer TOKEN.", "invalid_request")
    try:
        caller = identity.verify(token)
    except InvalidToken as refused:
        raise _unauthenticated(f"The ID token is not accepted: {refused}", "invalid_token") from None
    except IdentityUnavailable as away:
        log.warning("identity provider unavailable", extra={"function": entry.name, "reason": str(away)})
        raise Problem(
            503,
            "unavailable",
            "The service cannot verify ID tokens right now, so it lets nobody in; try again in a moment.",
            headers={"Retry-After": "5"},
        ) from None
    if caller.role not in entry.roles:
        raise Problem(
            403,
            "forbidden",
            f"The role {caller.role} may not do this; it takes the role {' or '.join(entry.roles)}.",
            facts={"role": caller.role, "allowed_roles": list(entry.roles)},
        )
    return caller


def _unauthenticated(detail: str, error: str) -> Problem:
    challenge = 'Bearer realm="aiprod"' + (f', error="{error}"' if error else "")
    return Problem(401, "unauthenticated", detail, headers={"WWW-Authenticate": challenge})
