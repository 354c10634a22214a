"""What a process remembers of a token never outlives its key or its time; forgeries are in the tests of security."""

import dataclasses
import warnings
from datetime import timedelta

import jwt
import pytest

from common.domain.profiles import ACCESS_KEY
from common.identity import access
from common.platform.embedded.secrets import FolderSecrets
from common.platform.identity import InvalidToken
from common.platform.secrets import SecretsUnavailable
from tests.http_world import clock, context, posted

__all__ = ["clock", "context", "posted"]


@pytest.fixture
def token(context):
    return access.issue(context, "ann", "user", "f1", now=context.clock.now())


def test_a_token_says_what_it_was_made_with(context, clock, token):
    found = access.verify(context, token)
    now = clock.now()
    assert found == access.Access("ann", "user", "f1", now, now + timedelta(minutes=15))
    assert access.is_ours(token)


def test_what_was_good_a_moment_ago_is_looked_at_again(context, clock, token):
    access.verify(context, token)
    clock.advance(899)
    assert access.verify(context, token).user == "ann"
    clock.advance(1)
    with pytest.raises(InvalidToken, match="expired"):
        access.verify(context, token)


def test_what_was_good_by_a_key_that_is_disabled_is_good_no_more(context, clock, token):
    access.verify(context, token)
    context.secrets.add(ACCESS_KEY, "the second key of some length, for the tokens of tests")
    context.secrets.disable(ACCESS_KEY, "1")
    clock.advance(60)
    with pytest.raises(InvalidToken, match="no longer, in use"):
        access.verify(context, token)


def test_the_same_key_id_with_another_key_proves_nothing(context, tmp_path, token):
    access.verify(context, token)
    others = FolderSecrets(tmp_path / "others")
    others.begin(ACCESS_KEY, "a key of another place, with the same id as ours has")
    elsewhere = dataclasses.replace(context, secrets=others)
    with pytest.raises(InvalidToken, match="signature"):
        access.verify(elsewhere, token)


def test_clocks_of_two_hosts_may_differ_by_a_minute(context, clock):
    ahead = access.issue(context, "ann", "user", "f1", now=clock.now() + timedelta(seconds=60))
    assert access.verify(context, ahead).user == "ann"
    later = access.issue(context, "ann", "user", "f1", now=clock.now() + timedelta(seconds=61))
    with pytest.raises(InvalidToken, match="in the future"):
        access.verify(context, later)


@pytest.mark.parametrize("key", ["", "x" * 31])
def test_without_a_proper_key_no_token_is_made_or_taken(context, tmp_path, key):
    secrets = FolderSecrets(tmp_path / "few")
    if key:
        secrets.begin(ACCESS_KEY, key)
    poor = dataclasses.replace(context, secrets=secrets)
    with pytest.raises(SecretsUnavailable):
        access.issue(poor, "ann", "user", "f1", now=poor.clock.now())
    with warnings.catch_warnings(action="ignore"):  # the library, too, finds such a key too short
        forged = jwt.encode({"iss": "aiprod"}, key or "x", "HS256", headers={"kid": "1", "typ": "at+jwt"})
    with pytest.raises(InvalidToken, match="not, or no longer, in use"):
        access.verify(poor, forged)


def test_two_tokens_of_one_moment_differ(context):
    made = {access.issue(context, "ann", "user", "f1", now=context.clock.now()) for _ in range(10)}
    assert len(made) == 10
