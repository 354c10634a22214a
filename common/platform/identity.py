"""The port for identity: who is calling, and in which role."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, get_args

Role = Literal["admin", "user", "viewer", "service"]

Via = Literal["nothing", "id_token", "access_token", "session", "api_key"]

ROLES: tuple[Role, ...] = get_args(Role)


class InvalidToken(Exception):
    """The token proves nothing; the text says why, without the token."""


class IdentityUnavailable(Exception):
    """The provider did not answer, so nobody is proved to be anybody: let no call through."""


class UserMissing(Exception):
    """The provider has no such user, or none who is still signed in."""


@dataclass(frozen=True)
class Caller:
    """A verified caller. The role comes from the proof or from the provider of identities, never from a header.

    `via` says what proved it: an ID token, our own access token, the cookie of a browser's session, or an API key.
    `session` is the family of tokens, or the key, that it belongs to.
    """

    id: str
    role: Role
    via: Via = "id_token"
    session: str = ""


class Identity(Protocol):
    """Verify ID tokens, and read and set the roles that new tokens carry. Any method may raise IdentityUnavailable.

    An unknown or missing role is a viewer. A token keeps the role that it was issued with.
    """

    def verify(self, token: str, *, check_revoked: bool = False) -> Caller:
        """The caller that a token names; InvalidToken otherwise.

        With `check_revoked` the provider is asked, which takes calls, whether the user still exists, was disabled or
        signed out everywhere since, and for the role that the user has now. Without it the token is good, in the role
        that it says, until it expires, an hour at most.
        """

    def role_of(self, user: str, *, since: datetime | None = None) -> Role:
        """The role that the user's next token carries; UserMissing where the provider has a list of its users.

        Asked for somebody who signed in `since`, UserMissing also where the user was disabled, or was signed out
        everywhere after that.
        """

    def set_role(self, user: str, role: Role) -> None:
        """Give a user a role; ValueError for what is no user or no role, UserMissing as above."""


def role_named(claim: Any) -> Role:
    """The role that a claim names; the least one where it names none."""
    return next((role for role in ROLES if role == claim), "viewer")


def is_user(name: Any) -> bool:
    """Whether this can be a user's id: it is part of paths and of document names."""
    return (
        isinstance(name, str)
        and 1 <= len(name) <= 128
        and name.isprintable()
        and "/" not in name
        and name not in {".", ".."}
        and not (name.startswith("__") and name.endswith("__"))  # which Firestore keeps for itself
    )


def check_user(name: str) -> str:
    """The id itself; ValueError."""
    if not is_user(name):
        raise ValueError(f"{name!r} cannot be a user: use 1 to 128 printable characters without a slash")
    return name


def check_role(role: str) -> str:
    """The role itself; ValueError."""
    if role not in ROLES:
        raise ValueError(f"{role!r} is no role: use one of {', '.join(ROLES)}")
    return role
