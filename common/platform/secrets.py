"""The port for secrets: versions of named values."""

from typing import Protocol


class SecretMissing(Exception):
    """No enabled version of that secret can be read."""


class SecretsUnavailable(Exception):
    """The store of secrets did not answer; whether the secret exists is not known. Try again later."""


class Secrets(Protocol):
    """Read, add and disable versions; values never appear in logs or errors. Any call may raise SecretsUnavailable."""

    def read(self, name: str, version: str = "latest") -> str:
        """The value of a version, `latest` being the newest enabled one; SecretMissing."""

    def add(self, name: str, value: str) -> str:
        """Add an enabled version and return its id."""

    def disable(self, name: str, version: str) -> None:
        """Make a version unreadable; SecretMissing when it does not exist."""

    def versions(self, name: str) -> list[str]:
        """Ids of the enabled versions, newest first."""
