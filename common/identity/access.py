"""Access tokens: short-lived JWTs of our own, which say who calls, in which role, and by which family.

The key's id is its version of the secret, so a rotation needs nothing but a new version: the newest signs, the last two
verify. A token alone is not enough: whoever takes one asks `families` whether its family still lives.
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import jwt

from common.domain.profiles import ACCESS_KEY, SHORTEST_ACCESS_KEY
from common.engine.context import Context
from common.platform import signed_token
from common.platform.identity import ROLES, InvalidToken, Role, is_user
from common.platform.secrets import SecretMissing, SecretsUnavailable

ISSUER = "aiprod"
AUDIENCE = "aiprod-api"
TYPE = "at+jwt"  # RFC 9068
SKEW = timedelta(seconds=60)  # between the clocks of two hosts of ours
REMEMBERED = 512  # tokens whose signature a process does not compute again: most requests come with one it has seen

_CLAIMS = ["iss", "aud", "sub", "role", "family", "iat", "exp", "jti"]


@dataclass(frozen=True)
class Access:
    """What a verified access token says."""

    user: str
    role: Role
    family: str
    issued_at: datetime
    expires_at: datetime


def issue(context: Context, user: str, role: Role, family: str, *, now: datetime) -> str:
    """A token for a member of that family; SecretsUnavailable while there is no key to sign it with."""
    version, key = signing_key(context)
    issued = int(now.timestamp())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": user,
        "role": role,
        "family": family,
        "iat": issued,
        "exp": issued + context.settings.access_token_ttl,
        "jti": context.new_id(),
    }
    return jwt.encode(claims, key, signed_token.ALGORITHM, headers={"kid": version, "typ": TYPE})


def signing_key(context: Context) -> tuple[str, str]:
    """Version and value of the key that signs; SecretsUnavailable, which is to be known before a login is consumed."""
    try:
        version, key = context.access_keys.newest()
    except SecretMissing as missing:
        raise SecretsUnavailable(str(missing)) from missing
    if len(key) < SHORTEST_ACCESS_KEY:
        raise SecretsUnavailable(f"version {version} of the secret {ACCESS_KEY} is too short to sign with")
    return version, key


def is_ours(token: str) -> bool:
    """Whether a token claims to be one of these, and so has to be; nothing about it is proved."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError, RecursionError):
        return False
    return isinstance(claims, dict) and claims.get("iss") == ISSUER


def verify(context: Context, token: str) -> Access:
    """What the token says; InvalidToken, with the reason, unless we signed it with a key in use and it is in time."""
    version = _version(token)
    key = context.access_keys.find(version) if version else None
    if key is None or len(key) < SHORTEST_ACCESS_KEY:
        raise InvalidToken(signed_token.UNKNOWN_KEY)
    said = _said(token, key)
    now = context.clock.now()
    if said.expires_at <= now:
        raise InvalidToken("the token has expired: refresh it")
    if said.issued_at - SKEW > now:
        raise InvalidToken(signed_token.EARLY)
    return said


@lru_cache(REMEMBERED)
def _version(token: str) -> str:
    return signed_token.key_id(token)


@lru_cache(REMEMBERED)
def _said(token: str, key: str) -> Access:
    """What a token with this signature says, whatever the time is: the same text and key always say the same."""
    header, claims = signed_token.read(token, key, audience=AUDIENCE, issuer=ISSUER, claims=_CLAIMS)
    if header.get("typ") != TYPE:
        raise InvalidToken("the token is of another type")
    issued, expires = claims["iat"], claims["exp"]
    if not all(type(moment) is int and 0 < moment < 10**11 for moment in (issued, expires)):
        raise InvalidToken("the token's times are no numbers")
    user, role, family = claims["sub"], claims["role"], claims["family"]
    if not is_user(user) or role not in ROLES or not isinstance(family, str):
        raise InvalidToken("the token names no user")
    return Access(user, role, family, datetime.fromtimestamp(issued, UTC), datetime.fromtimestamp(expires, UTC))
