"""The port for identity: who is calling."""

from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["admin", "user", "viewer", "service"]


class InvalidToken(Exception):
    """The token proves nothing; the text says why, without the token."""


@dataclass(frozen=True)
class Caller:
    """A verified caller. The role comes from the token's claims, never from a header."""

    id: str
    role: Role


class Identity(Protocol):
    """Verify ID tokens; an unknown or missing role is a viewer."""

    def verify(self, token: str) -> Caller:
        """The caller that a token names; InvalidToken otherwise."""
