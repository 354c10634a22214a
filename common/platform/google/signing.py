"""Signatures of a service account: by its private key where there is one, else by the IAM API."""

from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import iam
from google.auth.credentials import Credentials, Signing
from google.auth.crypt import RSASigner
from google.auth.transport import Request

SECONDS = 5.0  # one request to the IAM API


def signing(credentials: Credentials, request: Request) -> Signing:
    """What signs as these credentials; ValueError where they belong to no service account."""
    return credentials if isinstance(credentials, Signing) else IamSigning(credentials, request)


class IamSigning(Signing):
    """Signs by signBlob: on Cloud Run no key leaves Google. The account has to be its own Token Creator."""

    def __init__(self, credentials: Credentials, request: Request) -> None:
        if not hasattr(credentials, "service_account_email"):
            raise ValueError(
                "these credentials belong to no service account, so they sign no URLs: run as one, or impersonate one"
                " by `gcloud auth application-default login --impersonate-service-account=EMAIL`"
            )
        self._credentials: Any = credentials
        self._request: Any = partial(request, timeout=SECONDS)

    def sign_bytes(self, message: bytes) -> bytes:
        """The account's signature of the message."""
        return bytes(self.signer.sign(message))

    @property
    def signer_email(self) -> str:
        """The account that signs."""
        # On Cloud Run it is called "default" until the metadata server was asked for its name.
        if "@" not in self._credentials.service_account_email:
            self._credentials.refresh(self._request)
        return str(self._credentials.service_account_email)

    @property
    def signer(self) -> iam.Signer:
        """What asks for the signature."""
        return iam.Signer(self._request, self._credentials, self.signer_email)  # type: ignore[no-untyped-call]


class OwnKey(Signing):
    """Signs with a key that it makes, as an account that no Google knows: for emulators, which check no signature."""

    def __init__(self, email: str = "aiprod@emulators.iam.gserviceaccount.com") -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._email = email

    def sign_bytes(self, message: bytes) -> bytes:
        """The key's signature of the message."""
        return bytes(self.signer.sign(message))

    @property
    def signer_email(self) -> str:
        """The account that signs."""
        return self._email

    @property
    def signer(self) -> RSASigner:
        """What makes the signature."""
        return RSASigner(self.key)  # type: ignore[no-untyped-call]
