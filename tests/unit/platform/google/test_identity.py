"""What Firebase's adapter promises beyond the contract: each refusal has its reason, and no answer lets nobody in."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import jwt
import pytest
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import RefreshError

from common.platform.embedded.clock import VirtualClock
from common.platform.google.identity import FirebaseIdentity, connect
from common.platform.identity import Caller, IdentityUnavailable, InvalidToken, UserMissing
from tests.protocol.firebase import KEY_ID, PROJECT, Firebase, serving


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def firebase(clock: VirtualClock) -> Iterator[Firebase]:
    with serving(Firebase(clock)) as firebase:
        yield firebase


@pytest.fixture
def identity(firebase: Firebase) -> Iterator[FirebaseIdentity]:
    with closing(FirebaseIdentity(connect(PROJECT, AnonymousCredentials()))) as identity:
        yield identity


CUSTOM = "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "another"}, "another audience"),
        ({"aud": CUSTOM}, "custom token: exchange it"),
        ({"iss": "https://example.com"}, "another issuer"),
        ({"iss": "https://securetoken.google.com/another"}, "another issuer"),
        ({"key": 1}, "signature is wrong"),
        ({"iat": 4_000_000_000, "exp": 4_000_000_001}, "future"),
        ({"exp": 1_000_000_000}, "expired"),
        ({"exp": None}, "no token, or a damaged one"),
        ({"iat": None}, "no token, or a damaged one"),
        ({"exp": "soon"}, "no token, or a damaged one"),
        ({"sub": None}, "names no user"),
        ({"sub": ""}, "names no user"),
        ({"sub": 7}, "names no user"),
        ({"sub": "x" * 129}, "names no user"),
        ({"sub": "a/b"}, "names no user"),
        ({"sub": ".."}, "names no user"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused_with_the_reason_and_without_the_token(
    identity: FirebaseIdentity, firebase: Firebase, changes: dict[str, Any], reason: str
) -> None:
    token = firebase.sign_in("ann", **changes)
    with pytest.raises(InvalidToken, match=reason) as caught:
        identity.verify(token)
    assert not any(part in str(caught.value) for part in token.split("."))
    assert caught.value.__cause__ is None


def test_a_key_that_is_not_in_use_is_refused(identity: FirebaseIdentity, firebase: Firebase) -> None:
    token = firebase.sign_in("ann")
    firebase.certificates = {"key-2": firebase.certificates[KEY_ID]}
    with pytest.raises(InvalidToken, match="not, or no longer, in use"):
        identity.verify(token)


def test_a_certificate_is_no_shared_secret(identity: FirebaseIdentity, firebase: Firebase) -> None:
    claims = jwt.decode(firebase.sign_in("ann"), options={"verify_signature": False})
    # Whoever has the public certificate must not be able to sign with it.
    secret = firebase.certificates[KEY_ID].replace("-----", "")
    for algorithm in ("HS256", "HS512"):
        with pytest.raises(InvalidToken, match="not accepted"):
            identity.verify(jwt.encode({**claims, "role": "admin"}, secret, algorithm, headers={"kid": KEY_ID}))


@pytest.mark.parametrize("role", [None, "root", "Admin", 7, ["admin"], {"a": 1}])
def test_an_unknown_role_is_a_viewer(identity: FirebaseIdentity, firebase: Firebase, role: Any) -> None:
    firebase.claim("ann", role=role)
    assert identity.verify(firebase.sign_in("ann")) == Caller("ann", "viewer")
    assert identity.role_of("ann") == "viewer"


def test_clocks_may_differ_by_a_minute(identity: FirebaseIdentity, firebase: Firebase, clock: VirtualClock) -> None:
    token = firebase.sign_in("ann", timedelta(minutes=5))
    clock.advance(5 * 60 + 59)
    assert identity.verify(token).id == "ann"
    clock.advance(2)
    with pytest.raises(InvalidToken, match="expired"):
        identity.verify(token)


def test_certificates_are_fetched_once_and_no_user_is_looked_up(identity: FirebaseIdentity, firebase: Firebase) -> None:
    for user in ("ann", "bob"):
        identity.verify(firebase.sign_in(user))
    assert firebase.requests == ["certificates"]


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_without_certificates_nobody_is_let_in(identity: FirebaseIdentity, firebase: Firebase, status: int) -> None:
    token = firebase.sign_in("ann")
    firebase.refuse = status
    with pytest.raises(IdentityUnavailable, match="CertificateFetchError"):
        identity.verify(token)
    firebase.refuse = 0
    assert identity.verify(token) == Caller("ann", "viewer")


def test_while_the_provider_is_away_nobody_is_let_in(
    identity: FirebaseIdentity, firebase: Firebase, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = firebase.sign_in("ann")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        away = f"http://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setattr("firebase_admin._token_gen.ID_TOKEN_CERT_URI", away)
        monkeypatch.setattr("firebase_admin._user_mgt.UserManager.ID_TOOLKIT_URL", away)
        with closing(FirebaseIdentity(connect(PROJECT, AnonymousCredentials()))) as identity:
            for use in (
                lambda: identity.verify(token),
                lambda: identity.role_of("ann"),
                lambda: identity.set_role("ann", "user"),
            ):
                with pytest.raises(IdentityUnavailable):
                    use()


def test_an_account_that_cannot_be_proved_changes_nothing(firebase: Firebase) -> None:
    class Refused(AnonymousCredentials):  # type: ignore[misc]
        def before_request(self, *_: Any) -> None:
            raise RefreshError("the metadata server is away")

    firebase.sign_in("ann")
    with closing(FirebaseIdentity(connect(PROJECT, Refused()))) as identity:
        with pytest.raises(IdentityUnavailable, match="RefreshError"):
            identity.role_of("ann")
        assert identity.verify(firebase.sign_in("ann")).id == "ann"  # which takes no account


def test_a_user_who_left_was_disabled_or_signed_out_is_refused_where_it_matters(
    identity: FirebaseIdentity, firebase: Firebase, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = firebase.sign_in("ann")
    assert identity.verify(token, check_revoked=True).id == "ann"
    user = firebase.users["ann"]
    for change, reason in (
        ({"validSince": str(int(clock.now().timestamp()) + 1)}, "revoked: sign in again"),
        ({"disabled": True}, "disabled"),
    ):
        firebase.users["ann"] = {**user, **change}
        with pytest.raises(InvalidToken, match=reason):
            identity.verify(token, check_revoked=True)
        assert identity.verify(token).id == "ann"
    firebase.users["ann"] = user
    with monkeypatch.context() as patched:  # gone between the two questions
        patched.setattr(identity, "role_of", lambda _: (_ for _ in ()).throw(UserMissing("no user ann")))
        with pytest.raises(InvalidToken, match="no more"):
            identity.verify(token, check_revoked=True)
    del firebase.users["ann"]
    with pytest.raises(InvalidToken, match="no more"):
        identity.verify(token, check_revoked=True)


def test_a_login_of_who_left_was_disabled_or_signed_out_since_is_over(
    identity: FirebaseIdentity, firebase: Firebase, clock: VirtualClock
) -> None:
    firebase.claim("ann", role="user")
    firebase.sign_in("ann")
    since, user = clock.now(), firebase.users["ann"]
    assert identity.role_of("ann", since=since) == "user"
    for change, reason in (
        ({"validSince": str(int(since.timestamp()) + 3)}, "signed out"),
        ({"disabled": True}, "disabled"),
    ):
        firebase.users["ann"] = {**user, **change}
        with pytest.raises(UserMissing, match=reason):
            identity.role_of("ann", since=since)
        assert identity.role_of("ann") == "user", "what the next token would carry"
    del firebase.users["ann"]
    with pytest.raises(UserMissing, match="no user"):
        identity.role_of("ann", since=since)


@pytest.mark.parametrize("status", [400, 401, 403, 429])
def test_where_it_matters_no_answer_about_the_user_lets_nobody_in(
    identity: FirebaseIdentity, firebase: Firebase, status: int
) -> None:
    token = firebase.sign_in("ann")
    firebase.refuse_users = status
    for use in (
        lambda: identity.verify(token, check_revoked=True),
        lambda: identity.role_of("ann"),
        lambda: identity.set_role("ann", "user"),
    ):
        with pytest.raises(IdentityUnavailable):
            use()
    assert identity.verify(token).id == "ann"


def test_a_role_leaves_other_claims_alone(identity: FirebaseIdentity, firebase: Firebase) -> None:
    firebase.claim("ann", role="user", plan="gold")
    identity.set_role("ann", "admin")
    assert json.loads(firebase.users["ann"]["customAttributes"]) == {"role": "admin", "plan": "gold"}


def test_nobody_gets_a_role_before_the_first_sign_in(identity: FirebaseIdentity) -> None:
    for use in (lambda: identity.role_of("ann"), lambda: identity.set_role("ann", "user")):
        with pytest.raises(UserMissing, match="no user ann"):
            use()
