"""The port for callers: which service account sent a delivery, as its OIDC token says."""

from typing import Protocol

from common.platform.identity import InvalidToken


class Callers(Protocol):
    """Verify the tokens that Pub/Sub, Cloud Tasks and Cloud Scheduler carry to a function."""

    def verify(self, token: str, audience: str) -> str:
        """The verified e-mail address of the account that calls `audience`.

        InvalidToken, or Unavailable while the keys that prove it cannot be had.
        """


class NoCallers:
    """For a process that nothing calls from outside: no token proves anything here."""

    def verify(self, token: str, audience: str) -> str:
        """Refuse."""
        raise InvalidToken("this process knows no outside callers")
