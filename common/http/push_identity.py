"""Who pushes: a delivery from outside carries the OIDC token of the one service account that may call functions."""

import logging

from common.domain.addresses import function_url
from common.domain.catalogue import Entry
from common.engine.context import Context
from common.http.problem import Problem
from common.platform.identity import InvalidToken

log = logging.getLogger(__name__)

_MOST_CHARACTERS = 8192


class Stranger(Problem):
    """Somebody else pushes: 401 or 403. Nothing of the delivery is read or kept."""


def check(context: Context, entry: Entry, authorization: str) -> None:
    """Stranger unless the invoker of the settings calls; Unavailable while that cannot be found out.

    Cloud Run has checked the token before us; that it was set up to do so is not taken for granted. Without an invoker
    there is nothing to check: the embedded bus calls within the process, and in front of the emulators stands a
    gateway with a secret of its own.
    """
    settings = context.settings
    if settings.profile != "gcp" and not settings.invoker:
        return
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _MOST_CHARACTERS:
        raise _unauthenticated(entry, f"{entry.name} takes deliveries with an OIDC token only.")
    try:
        email = context.callers.verify(token, function_url(settings.functions_url, entry.name))
    except InvalidToken as refused:
        raise _unauthenticated(
            entry, f"The OIDC token of a delivery to {entry.name} is not accepted: {refused}."
        ) from None
    if not settings.invoker or email != settings.invoker:
        log.error("a stranger pushes", extra={"function": entry.name, "email": email})
        raise Stranger(403, "forbidden", f"This account may not push deliveries to {entry.name}.")


def _unauthenticated(entry: Entry, detail: str) -> Stranger:
    log.error("a stranger pushes", extra={"function": entry.name, "reason": detail})
    return Stranger(401, "unauthenticated", detail, headers={"WWW-Authenticate": 'Bearer realm="aiprod"'})
