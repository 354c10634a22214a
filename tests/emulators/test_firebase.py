"""Sign-up, roles and the end of an account on the Firebase Auth emulator, through the REST API that apps use."""

import dataclasses
import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from firebase_admin import App, auth
from google.auth.credentials import AnonymousCredentials
from werkzeug.test import Client

from common.platform.clock import SystemClock
from common.platform.embedded.documents import SqliteDocuments
from common.platform.google.identity import FirebaseIdentity, connect
from common.platform.identity import InvalidToken, UserMissing
from scripts.local.emulators import PROJECT
from tests.http_world import Posted, make_context, routed

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


@pytest.fixture
def client(identity: FirebaseIdentity, tmp_path: Path) -> Iterator[Client]:
    """The whole API with that provider, and with our own documents."""
    clock = SystemClock()
    with closing(SqliteDocuments(tmp_path / "documents.sqlite", clock)) as documents:
        world = make_context(tmp_path, clock, Posted(), documents)  # type: ignore[arg-type]
        yield Client(routed(dataclasses.replace(world, identity=identity)))


def test_a_login_is_renewed_in_the_role_of_now_until_the_person_is_signed_out(
    identity: FirebaseIdentity, app: App, client: Client
) -> None:
    person = Person()

    def refresh(token: str) -> Any:
        return client.post("/auth/refresh", json={"refresh_token": token})

    login = client.post("/auth/login", json={"id_token": person.token})
    assert login.status_code == 200, login.text
    me = client.get("/auth/me", headers={"Authorization": f"Bearer {login.json['access_token']}"}).json
    assert (me["id"], me["role"]) == (person.id, "viewer")
    identity.set_role(person.id, "user")
    renewed = refresh(login.json["refresh_token"])
    me = client.get("/auth/me", headers={"Authorization": f"Bearer {renewed.json['access_token']}"}).json
    assert (me["id"], me["role"], me["via"]) == (person.id, "user", "access_token")
    begun = time.time()
    while time.time() < begun + 3.5:  # Firebase counts in seconds, and two are left for clocks that differ
        time.sleep(0.1)
    auth.revoke_refresh_tokens(person.id, app)
    over = refresh(renewed.json["refresh_token"])
    assert (over.status_code, over.json["code"]) == (401, "refresh_refused")
    again = client.post("/auth/login", json={"id_token": person.token})
    assert (again.status_code, again.json["code"]) == (401, "login_refused")


def test_who_is_disabled_or_gone_is_not_renewed(app: App, client: Client) -> None:
    for end in (lambda user: auth.update_user(user, disabled=True, app=app), lambda user: auth.delete_user(user, app)):
        person = Person()
        login = client.post("/auth/login", json={"id_token": person.token}).json
        end(person.id)
        over = client.post("/auth/refresh", json={"refresh_token": login["refresh_token"]})
        assert (over.status_code, over.json["code"]) == (401, "refresh_refused")
        access = {"Authorization": f"Bearer {login['access_token']}"}
        assert client.get("/auth/me", headers=access).status_code == 401, "the family has ended"


def test_a_token_of_another_project_is_refused() -> None:
    token = Person().token
    other = closing(FirebaseIdentity(connect("demo-another", AnonymousCredentials())))
    with other as elsewhere, pytest.raises(InvalidToken, match="another audience"):
        elsewhere.verify(token)
