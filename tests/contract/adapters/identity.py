"""Identity adapters under contract."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from firebase_admin import auth
from google.auth.credentials import AnonymousCredentials

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.identity import DevelopmentIdentity
from common.platform.embedded.secrets import FolderSecrets
from common.platform.google.identity import CLAIM, FirebaseIdentity, connect
from common.platform.identity import Identity, Role
from tests.protocol.firebase import PROJECT, Firebase, serving

# What the Firebase Auth emulator does not keep: its tokens are unsigned, and the library then believes any token.
NOT_EMULATED = {
    "test_an_expired_token_is_refused": "with the emulator the library does not look at a token's times",
    "test_a_token_without_signature_is_refused": "the emulator's tokens have no signature",
    "test_a_changed_token_is_refused": "the emulator's tokens have no signature",
}


@dataclass
class IdentityUnderTest:
    """An Identity adapter, and its provider's ways to issue a token: with a role, or with the user's own."""

    port: Identity
    issue: Callable[[str, Role, timedelta], str]
    sign_in: Callable[[str], str]


@pytest.fixture(params=["embedded", "google", pytest.param("google-emulator", marks=pytest.mark.emulators)])
def identity(request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock) -> Iterator[IdentityUnderTest]:
    if request.param == "embedded":
        port = DevelopmentIdentity(FolderSecrets(tmp_path / "secrets"), clock)
        yield IdentityUnderTest(port, port.issue, port.issue)
    elif request.param == "google":
        with serving(Firebase(clock)) as firebase:
            app = connect(PROJECT, AnonymousCredentials())
            with closing(FirebaseIdentity(app)) as port:

                def issue(user: str, role: Role, ttl: timedelta) -> str:
                    firebase.claim(user, **{CLAIM: role})
                    return firebase.sign_in(user, ttl)

                yield IdentityUnderTest(port, issue, firebase.sign_in)
    else:
        if reason := NOT_EMULATED.get(request.node.originalname):
            pytest.skip(reason)
        project = f"demo-{secrets.token_hex(4)}"
        app = connect(project, AnonymousCredentials())
        with closing(FirebaseIdentity(app)) as port:

            def sign_in(user: str) -> str:
                url = f"http://{os.environ['FIREBASE_AUTH_EMULATOR_HOST']}/identitytoolkit.googleapis.com/v1"
                known = auth.create_custom_token(user, app=app).decode()
                asked = {"token": known, "returnSecureToken": True, "targetProjectId": project}
                answer = httpx.post(
                    f"{url}/accounts:signInWithCustomToken", json=asked, headers={"Authorization": "Bearer owner"}
                )
                return str(answer.raise_for_status().json()["idToken"])

            def issue_emulated(user: str, role: Role, ttl: timedelta) -> str:
                sign_in(user)
                auth.set_custom_user_claims(user, {CLAIM: role}, app)
                return sign_in(user)

            yield IdentityUnderTest(port, issue_emulated, sign_in)
