"""Callers and roles as Firebase Auth knows them. Where it cannot be asked, nobody is let in.

The library's texts quote tokens, so ours are written here, from the kind of the refusal.
"""

import contextlib
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import firebase_admin
from firebase_admin import auth
from firebase_admin.exceptions import FirebaseError
from google.auth.credentials import Credentials, with_scopes_if_required
from google.auth.exceptions import GoogleAuthError

from common.platform.identity import (
    Caller,
    IdentityUnavailable,
    InvalidToken,
    Role,
    UserMissing,
    check_role,
    check_user,
    is_user,
    role_named,
)

CLAIM = "role"
SKEW = 60  # seconds, what Firebase allows at most
SECONDS = 5.0  # one request
SCOPES = ["https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/identitytoolkit"]

# What the texts of an InvalidIdTokenError have in them, and what we say of it.
_REASONS = (
    ("signature", "the token's signature is wrong"),
    ('"aud"', "the token was made for another audience"),
    ('"iss"', "the token was made by another issuer"),
    ("key id", "the token was signed with a key that is not, or no longer, in use"),
    ('"kid"', "the token is signed in a way that is not accepted"),
    ("algorithm", "the token is signed in a way that is not accepted"),
    ("custom token", "this is a custom token: exchange it for an ID token by signing in with it"),
    ("used too early", "the token was issued in the future: check the clocks"),
    ('"sub"', "the token names no user"),
)


def connect(project: str, credentials: Credentials) -> firebase_admin.App:
    """An app of its own for the adapter; FIREBASE_AUTH_EMULATOR_HOST is read by the library itself."""
    options = {"projectId": project, "httpTimeout": SECONDS}
    scoped = with_scopes_if_required(credentials, SCOPES)  # type: ignore[no-untyped-call]
    return firebase_admin.initialize_app(scoped, options, name=f"aiprod-{secrets.token_hex(4)}")


class FirebaseIdentity:
    """The users of one Firebase project; a role is the custom claim `role`."""

    def __init__(self, app: firebase_admin.App) -> None:
        self._app = app

    def verify(self, token: str, *, check_revoked: bool = False) -> Caller:
        """The caller that a token names; InvalidToken, with the reason, otherwise."""
        with _answered():
            try:
                claims: dict[str, Any] = auth.verify_id_token(token, self._app, check_revoked, SKEW)
            except auth.ExpiredIdTokenError:
                raise InvalidToken("the token has expired: get a new one") from None
            except auth.RevokedIdTokenError:
                raise InvalidToken("the token was revoked: sign in again") from None
            except auth.UserDisabledError:
                raise InvalidToken("its user was disabled") from None
            except auth.UserNotFoundError:
                raise InvalidToken("its user is no more") from None
            except auth.InvalidIdTokenError as refused:
                raise InvalidToken(_reason(str(refused))) from None
            except GoogleAuthError:  # of our own account; some of them are ValueErrors
                raise
            except (ValueError, TypeError, RecursionError):  # nothing the library would call a token
                raise InvalidToken(_reason("")) from None
        user = claims["uid"]
        if not is_user(user):
            raise InvalidToken("the token names no user")
        try:
            return Caller(id=user, role=self.role_of(user) if check_revoked else role_named(claims.get(CLAIM)))
        except UserMissing:  # since a moment ago
            raise InvalidToken("its user is no more") from None

    def role_of(self, user: str, *, since: datetime | None = None) -> Role:
        """The role that the user's next token carries; UserMissing, also for who is disabled or signed out `since`."""
        with _answered(check_user(user)):
            found = auth.get_user(user, self._app)
        if since is not None:
            if found.disabled:
                raise UserMissing(f"the user {user} was disabled")
            # Firebase counts in whole seconds, and by its own clock.
            if found.tokens_valid_after_timestamp / 1000 > since.timestamp() + 2:
                raise UserMissing(f"the user {user} was signed out everywhere")
        return role_named((found.custom_claims or {}).get(CLAIM))

    def set_role(self, user: str, role: Role) -> None:
        """Give a user a role, with the next token; other claims stay. UserMissing."""
        claims = {**self._claims(check_user(user)), CLAIM: check_role(role)}
        with _answered(user):
            auth.set_custom_user_claims(user, claims, self._app)

    def close(self) -> None:
        """Let go of the connections."""
        firebase_admin.delete_app(self._app)

    def _claims(self, user: str) -> dict[str, Any]:
        with _answered(user):
            return dict(auth.get_user(user, self._app).custom_claims or {})


def _reason(text: str) -> str:
    return next((reason for mark, reason in _REASONS if mark in text.lower()), "this is no token, or a damaged one")


@contextlib.contextmanager
def _answered(user: str = "") -> Iterator[None]:
    """Raise UserMissing or IdentityUnavailable for what Firebase refused."""
    try:
        yield
    except auth.UserNotFoundError as missing:
        text = f"Firebase has no user {user}: it has one after the first time that somebody signs in"
        raise UserMissing(text) from missing
    except (FirebaseError, GoogleAuthError) as away:
        raise IdentityUnavailable(f"Firebase Auth did not answer ({type(away).__name__}); try again") from away
