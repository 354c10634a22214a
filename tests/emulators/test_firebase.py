"""Sign-up, roles and the end of an account on the Firebase Auth emulator, through the REST API that apps use."""

import os
import time
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from firebase_admin import App, auth
from google.auth.credentials import AnonymousCredentials

from common.platform.google.identity import FirebaseIdentity, connect
from common.platform.identity import InvalidToken, UserMissing
from scripts.local.emulators import PROJECT

pytestmark = pytest.mark.emulators


class Person:
    """Somebody with an app: signs up, and gets ID tokens."""

    def __init__(self) -> None:
        signed = self._ask("accounts:signUp", {"returnSecureToken": True})
        self.id, self.token, self._refresh = signed["localId"], signed["idToken"], signed["refreshToken"]

    def fresh_token(self) -> str:
        host = os.environ["FIREBASE_AUTH_EMULATOR_HOST"]
        asked = {"grant_type": "refresh_token", "refresh_token": self._refresh}
        answer = httpx.post(f"http://{host}/securetoken.googleapis.com/v1/token?key=any", data=asked)
        return str(answer.raise_for_status().json()["id_token"])

    def _ask(self, action: str, body: dict[str, object]) -> dict[str, str]:
        host = os.environ["FIREBASE_AUTH_EMULATOR_HOST"]
        answer = httpx.post(f"http://{host}/identitytoolkit.googleapis.com/v1/{action}?key=any", json=body)
        return dict(answer.raise_for_status().json())


@pytest.fixture
def app() -> App:
    return connect(PROJECT, AnonymousCredentials())


@pytest.fixture
def identity(app: App) -> Iterator[FirebaseIdentity]:
    with closing(FirebaseIdentity(app)) as identity:
        yield identity


def test_who_signs_up_is_a_viewer_and_gets_a_role_with_the_next_token(identity: FirebaseIdentity) -> None:
    person = Person()
    assert identity.verify(person.token) == identity.verify(person.fresh_token())
    assert (identity.verify(person.token).id, identity.verify(person.token).role) == (person.id, "viewer")
    identity.set_role(person.id, "admin")
    assert identity.role_of(person.id) == "admin"
    assert identity.verify(person.token).role == "viewer"
    assert identity.verify(person.fresh_token(), check_revoked=True).role == "admin"


def test_a_role_leaves_other_claims_alone(identity: FirebaseIdentity, app: App) -> None:
    person = Person()
    auth.set_custom_user_claims(person.id, {"plan": "gold"}, app)
    identity.set_role(person.id, "user")
    assert auth.get_user(person.id, app).custom_claims == {"plan": "gold", "role": "user"}


def test_who_is_disabled_or_gone_is_refused_where_it_matters(identity: FirebaseIdentity, app: App) -> None:
    person = Person()
    assert identity.verify(person.token, check_revoked=True).id == person.id
    auth.update_user(person.id, disabled=True, app=app)
    with pytest.raises(InvalidToken, match="disabled"):
        identity.verify(person.token, check_revoked=True)
    auth.delete_user(person.id, app)
    with pytest.raises(InvalidToken, match="no more"):
        identity.verify(person.token, check_revoked=True)
    with pytest.raises(UserMissing):
        identity.set_role(person.id, "admin")


def test_who_was_signed_out_everywhere_is_refused_where_it_matters(identity: FirebaseIdentity, app: App) -> None:
    person = Person()
    issued = auth.verify_id_token(person.token, app)["iat"]
    while int(time.time()) <= issued:  # within one second the token could be from after it
        time.sleep(0.05)
    auth.revoke_refresh_tokens(person.id, app)
    with pytest.raises(InvalidToken, match="revoked: sign in again"):
        identity.verify(person.token, check_revoked=True)
    assert identity.verify(person.token).id == person.id


def test_a_token_of_another_project_is_refused() -> None:
    token = Person().token
    other = closing(FirebaseIdentity(connect("demo-another", AnonymousCredentials())))
    with other as elsewhere, pytest.raises(InvalidToken, match="another audience"):
        elsewhere.verify(token)
