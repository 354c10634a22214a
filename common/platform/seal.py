"""Small secrets of users in documents, sealed: what must be used again and so cannot be hashed.

Sealed with a key that only the store of secrets has, so whoever reads the documents, or a copy of them, reads nothing.
"""

import base64
import hashlib
from typing import TYPE_CHECKING

from common.platform.clock import Clock
from common.platform.keyring import Keyring
from common.platform.secrets import SecretMissing, Secrets, SecretsUnavailable

SECRET = "webhook-seal"  # noqa: S105 - its name
KEPT = 10  # versions of the key that still open what they closed

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class SealBroken(Exception):
    """What is sealed cannot be opened: its key was disabled, or it was changed."""


class Seal:
    """Closes with the newest key; opens with the one that closed. The text begins with that key's version."""

    def __init__(self, secrets: Secrets, clock: Clock) -> None:
        self._keys = Keyring(secrets, SECRET, clock, kept=KEPT)

    def close(self, plain: bytes) -> str:
        """A text that says nothing; SecretsUnavailable while there is no key."""
        try:
            version, key = self._keys.newest()
        except SecretMissing as missing:
            raise SecretsUnavailable(str(missing)) from None
        return f"{version}.{_fernet(key).encrypt(plain).decode()}"

    def open(self, sealed: str) -> bytes:
        """What was closed; SealBroken, or SecretsUnavailable."""
        version, _, token = sealed.partition(".")
        key = self._keys.find(version)
        if key is None:
            raise SealBroken(f"the key {SECRET} {version} that closed it is gone")
        from cryptography.fernet import InvalidToken

        try:
            return _fernet(key).decrypt(token)
        except InvalidToken:
            raise SealBroken(f"the key {SECRET} {version} does not open it") from None


def _fernet(key: str) -> "Fernet":
    from cryptography.fernet import Fernet  # for the few functions that need it

    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
