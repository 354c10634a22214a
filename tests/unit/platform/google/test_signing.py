"""Signatures without a key of our own: what asks the IAM API, and what may not sign at all."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from google.auth import compute_engine
from google.auth.credentials import AnonymousCredentials
from google.oauth2 import service_account

from common.platform.google.objects import StorageObjects
from common.platform.google.signing import SECONDS, IamSigning, OwnKey, signing
from common.platform.objects import StorageUnavailable
from tests.protocol.storage import Storage, client_of, serving

EMAIL = "films@a-project.iam.gserviceaccount.com"
SIGN = f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{EMAIL}:signBlob"


@pytest.fixture(scope="module")
def key() -> OwnKey:
    return OwnKey(EMAIL)


@pytest.fixture
def storage(key: OwnKey) -> Iterator[Storage]:
    with serving(storage := Storage("films", {EMAIL: key.key.public_key()})):
        storage.insert("a", b"film", {}, {})
        yield storage


def account() -> compute_engine.Credentials:
    return compute_engine.Credentials(universe_domain="googleapis.com")  # which is otherwise asked for


class Google:
    """The metadata server and the IAM API as google-auth's transport reaches them; the key stays there."""

    def __init__(self, key: OwnKey) -> None:
        self._key = key
        self.status = 200
        self.asked: list[str] = []

    def __call__(self, url: str, method: str = "GET", body: Any = None, headers: Any = None, **how: Any) -> Any:
        self.asked.append(url.partition("?")[0])
        assert how["timeout"] == SECONDS or "metadata" in url
        if url.endswith(":signBlob"):
            signature = self._key.sign_bytes(b64decode(json.loads(body)["payload"]))
            answer: Any = {"signedBlob": b64encode(signature).decode()}
            assert headers["authorization"] == "Bearer sesame"
        elif "/token" in url:
            answer = {"access_token": "sesame", "expires_in": 3600}
        else:
            answer = {"email": EMAIL, "scopes": ["https://www.googleapis.com/auth/cloud-platform"], "aliases": []}
        status = self.status if url.endswith(":signBlob") else 200
        headers = {"content-type": "application/json"}
        return SimpleNamespace(status=status, data=json.dumps(answer).encode(), headers=headers)


def test_on_cloud_run_the_iam_api_signs(key: OwnKey, storage: Storage) -> None:
    google = Google(key)
    found = signing(account(), google)
    assert isinstance(found, IamSigning)
    with client_of(storage.url) as client:
        url = StorageObjects(client, "films", found).signed_url("a", seconds=60)
    assert httpx.get(url).content == b"film"
    assert google.asked.count(SIGN) == 1


def test_an_account_that_may_not_sign_is_told(key: OwnKey, storage: Storage) -> None:
    google = Google(key)
    google.status = 403
    with client_of(storage.url) as client:
        objects = StorageObjects(client, "films", signing(account(), google))
        with pytest.raises(StorageUnavailable, match="Token Creator on itself"):
            objects.signed_url("a", seconds=60)
    assert google.asked[-1] == SIGN


def test_a_private_key_signs_by_itself(key: OwnKey, storage: Storage) -> None:
    owner = service_account.Credentials(key.signer, EMAIL, "https://oauth2.googleapis.com/token")
    google = Google(key)
    assert signing(owner, google) is owner
    with client_of(storage.url) as client:
        assert httpx.get(StorageObjects(client, "films", owner).signed_url("a", seconds=60)).content == b"film"
    assert google.asked == []


def test_a_person_signs_nothing(key: OwnKey) -> None:
    with pytest.raises(ValueError, match="impersonate one"):
        signing(AnonymousCredentials(), Google(key))


def test_an_own_key_signs_for_its_account(key: OwnKey) -> None:
    key.key.public_key().verify(key.sign_bytes(b"text"), b"text", padding.PKCS1v15(), SHA256())
    assert key.signer_email == EMAIL
