"""Development ID tokens: signed with a secret of this installation, in the shape of Firebase's."""

import secrets as randomness
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, get_args

import jwt

from common.platform.clock import Clock
from common.platform.identity import Caller, InvalidToken, Role
from common.platform.secrets import SecretMissing, Secrets

SECRET = "development-tokens"  # noqa: S105 - its name
AUDIENCE = "aiprod-local"
ISSUER = f"https://securetoken.google.com/{AUDIENCE}"
SKEW = timedelta(seconds=60)  # what Firebase allows at most
MAX_TTL = timedelta(days=30)

_ALGORITHM = "HS256"
_CLAIMS = ["sub", "aud", "iss", "iat", "exp"]
_ROLES: tuple[Role, ...] = get_args(Role)


class DevelopmentIdentity:
    """Issue and verify tokens. The signing secret is made on first use; every enabled version of it verifies."""

    def __init__(self, secrets: Secrets, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock

    def issue(self, user: str, role: Role, ttl: timedelta = timedelta(hours=1)) -> str:
        """A token that names the user and the role until `ttl` has passed; ValueError."""
        if not _is_id(user):
            raise ValueError(f"{user!r} cannot be a user: use 1 to 128 printable characters without a slash")
        if role not in _ROLES:
            raise ValueError(f"{role!r} is no role: use one of {', '.join(_ROLES)}")
        if not timedelta() < ttl <= MAX_TTL:
            raise ValueError(f"a token lives up to {MAX_TTL.days} days, not {ttl}")
        now = self._clock.now()
        claims = {"sub": user, "role": role, "aud": AUDIENCE, "iss": ISSUER, "iat": now, "exp": now + ttl}
        version = self._version()
        return jwt.encode(claims, self._secrets.read(SECRET, version), _ALGORITHM, headers={"kid": version})

    def verify(self, token: str) -> Caller:
        """The caller that a token names; InvalidToken, with the reason, otherwise."""
        claims = self._claims(token)
        now = self._clock.now().timestamp()
        if claims["exp"] + SKEW.total_seconds() <= now:
            raise InvalidToken("the token has expired: get a new one")
        if claims["iat"] - SKEW.total_seconds() > now:
            raise InvalidToken("the token was issued in the future: check the clocks")
        if not _is_id(claims["sub"]):
            raise InvalidToken("the token names no user")
        role = claims.get("role")
        return Caller(id=claims["sub"], role=next((one for one in _ROLES if one == role), "viewer"))

    def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            version = jwt.get_unverified_header(token).get("kid")
            claims: dict[str, Any] = jwt.decode(
                token,
                self._secrets.read(SECRET, version if isinstance(version, str) else ""),
                # A list of one: the token's own word on its algorithm, such as "none", counts for nothing.
                algorithms=[_ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                # Times are compared below, with our clock.
                options={"require": _CLAIMS, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except SecretMissing:
            raise InvalidToken("the token was signed with a key that is not, or no longer, in use") from None
        except jwt.InvalidAudienceError:
            raise InvalidToken("the token was made for another audience") from None
        except jwt.InvalidIssuerError:
            raise InvalidToken("the token was made by another issuer") from None
        except jwt.InvalidAlgorithmError:
            raise InvalidToken("the token is signed in a way that is not accepted") from None
        except jwt.InvalidSignatureError:
            raise InvalidToken("the token's signature is wrong") from None
        except jwt.MissingRequiredClaimError as error:
            raise InvalidToken(f"the token lacks the claim {error.claim}") from None
        except (jwt.PyJWTError, UnicodeError, ValueError):
            raise InvalidToken("this is no token, or a damaged one") from None
        if not all(isinstance(claims[name], int | float) and abs(claims[name]) < 1e12 for name in ("exp", "iat")):
            raise InvalidToken("the token's times are no numbers")
        return claims

    def _version(self) -> str:
        versions = self._secrets.versions(SECRET)
        return versions[0] if versions else self._secrets.add(SECRET, randomness.token_urlsafe(48))


def _is_id(user: Any) -> bool:
    return (
        isinstance(user, str)
        and 1 <= len(user) <= 128
        and user.isprintable()
        and "/" not in user
        and user not in {".", ".."}
    )
