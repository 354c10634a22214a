"""OIDC tokens as Google signs them for Pub/Sub, Cloud Tasks and Cloud Scheduler, by a key of our own."""

import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

INVOKER = "invoker@demo-aiprod.iam.gserviceaccount.com"


class Issuer:
    """One signing key, and its public half by key id, as Google publishes its certificates."""

    def __init__(self, key_id: str = "key-1") -> None:
        self.key_id = key_id
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def certificates(self) -> Mapping[str, str]:
        """PEM by key id."""
        public = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return {self.key_id: public.decode()}

    def token(self, audience: str, email: str = INVOKER, **claims: Any) -> str:
        """A token for that audience, valid for an hour; a claim given as None is left out."""
        now = int(time.time())
        found = {
            "iss": "https://accounts.google.com",
            "aud": audience,
            "azp": "117",
            "sub": "117",
            "email": email,
            "email_verified": True,
            "iat": now,
            "exp": now + 3600,
            **claims,
        }
        kept = {name: value for name, value in found.items() if value is not None}
        return jwt.encode(kept, self.private, "RS256", headers={"kid": self.key_id})
