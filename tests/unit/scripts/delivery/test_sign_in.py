"""Whoever signs in for the smoke test is an admin to those who look the role up, as the service does."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from google.auth.credentials import AnonymousCredentials

from common.platform.clock import SystemClock
from common.platform.google.identity import FirebaseIdentity, connect
from scripts.delivery import sign_in
from scripts.delivery.sign_in import Refused
from tests.protocol.firebase import PROJECT, Firebase, serving

DEPLOYER = "deployer@a-project.iam.gserviceaccount.com"


@pytest.fixture
def firebase() -> Iterator[Firebase]:
    with serving(Firebase(SystemClock(), deployer="of-the-deployer")) as firebase:
        yield firebase


def signed_in(firebase: Firebase, token: str = "of-the-deployer") -> str:
    return sign_in.sign_in(PROJECT, DEPLOYER, "a-key", token, credentials=firebase.url, toolkit=firebase.url)


def test_the_service_takes_the_user_for_an_admin_by_the_token_and_by_the_record(firebase: Firebase):
    for _ in ("the first release", "the next"):
        token = signed_in(firebase)
        with closing(FirebaseIdentity(connect(PROJECT, AnonymousCredentials()))) as identity:
            assert identity.verify(token).role == "admin"
            assert identity.verify(token, check_revoked=True).role == "admin"
            assert identity.role_of(sign_in.USER) == "admin"


def test_who_may_not_sign_is_told_what_was_refused_and_sees_no_key(firebase: Firebase):
    with pytest.raises(Refused, match=r"signJwt answered 403: .*PERMISSION_DENIED"):
        signed_in(firebase, "of-somebody")
    firebase.refuse_users = 400
    with pytest.raises(Refused) as refused:
        signed_in(firebase)
    assert "a-key" not in str(refused.value)


def test_the_command_prints_the_token_alone(firebase: Firebase, monkeypatch, capsys):
    monkeypatch.setenv("TOKEN", "of-the-deployer")
    monkeypatch.setattr(sign_in.sign_in, "__kwdefaults__", {"credentials": firebase.url, "toolkit": firebase.url})
    words = ["--project", PROJECT, "--deployer", DEPLOYER, "--key", "a-key"]
    assert sign_in.main(words) == 0
    assert capsys.readouterr().out.count(".") == 2
    monkeypatch.setenv("TOKEN", "of-somebody")
    assert sign_in.main(words) == 1
    assert "cannot sign in" in capsys.readouterr().err
