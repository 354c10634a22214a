"""Development ID tokens: signed with a secret of this installation, in the shape of Firebase's.

Roles lie beside that secret, one per user under the hash of the id: who may write there could as well sign tokens.
"""

import hashlib
import secrets as randomness
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt

from common.platform import signed_token
from common.platform.clock import Clock
from common.platform.identity import Caller, InvalidToken, Role, check_role, check_user, is_user, role_named
from common.platform.secrets import SecretMissing, Secrets

SECRET = "development-tokens"  # noqa: S105 - its name
AUDIENCE = "aiprod-local"
ISSUER = f"https://securetoken.google.com/{AUDIENCE}"
SKEW = timedelta(seconds=60)  # what Firebase allows at most
MAX_TTL = timedelta(days=30)

_CLAIMS = ["sub", "aud", "iss", "iat", "exp"]


class DevelopmentIdentity:
    """Issue and verify tokens. The signing secret is made on first use; every enabled version of it verifies."""

    def __init__(self, secrets: Secrets, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock

    def issue(self, user: str, role: Role | None = None, ttl: timedelta = timedelta(hours=1)) -> str:
        """A token that names the user and the role, or else the user's own, until `ttl` has passed; ValueError."""
        role = self.role_of(user) if role is None else role
        check_user(user)
        check_role(role)
        if not timedelta() < ttl <= MAX_TTL:
            raise ValueError(f"a token lives up to {MAX_TTL.days} days, not {ttl}")
        now = self._clock.now()
        claims = {"sub": user, "role": role, "aud": AUDIENCE, "iss": ISSUER, "iat": now, "exp": now + ttl}
        version = self._version()
        return jwt.encode(claims, self._secrets.read(SECRET, version), signed_token.ALGORITHM, headers={"kid": version})

    def verify(self, token: str, *, check_revoked: bool = False) -> Caller:
        """The caller that a token names; InvalidToken, with the reason, otherwise. Only a role can be revoked."""
        claims = self._claims(token)
        now = self._clock.now().timestamp()
        if claims["exp"] + SKEW.total_seconds() <= now:
            raise InvalidToken("the token has expired: get a new one")
        if claims["iat"] - SKEW.total_seconds() > now:
            raise InvalidToken(signed_token.EARLY)
        if not is_user(claims["sub"]):
            raise InvalidToken("the token names no user")
        user = claims["sub"]
        return Caller(id=user, role=self.role_of(user) if check_revoked else role_named(claims.get("role")))

    def role_of(self, user: str, *, since: datetime | None = None) -> Role:
        """The role that the user's next token carries. Nobody can be disabled or signed out here."""
        try:
            return role_named(self._secrets.read(_role_secret(user)))
        except SecretMissing:
            return "viewer"

    def set_role(self, user: str, role: Role) -> None:
        """Give a user a role; there is no list of users, so anybody can be given one."""
        name = _role_secret(user)
        self._secrets.add(name, check_role(role))
        for version in self._secrets.versions(name)[1:]:
            self._secrets.disable(name, version)

    def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            key = self._secrets.read(SECRET, signed_token.key_id(token))
        except SecretMissing:
            raise InvalidToken(signed_token.UNKNOWN_KEY) from None
        _, claims = signed_token.read(token, key, audience=AUDIENCE, issuer=ISSUER, claims=_CLAIMS)
        if not all(isinstance(claims[name], int | float) and abs(claims[name]) < 1e12 for name in ("exp", "iat")):
            raise InvalidToken("the token's times are no numbers")
        return claims

    def _version(self) -> str:
        versions = self._secrets.versions(SECRET)
        return versions[0] if versions else self._secrets.add(SECRET, randomness.token_urlsafe(48))


def _role_secret(user: str) -> str:
    return f"role-{hashlib.sha256(check_user(user).encode()).hexdigest()}"
