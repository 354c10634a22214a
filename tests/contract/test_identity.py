"""What every Identity adapter promises: who proves nothing is nobody."""

from datetime import timedelta

import jwt
import pytest

from common.platform.embedded.clock import VirtualClock
from common.platform.identity import ROLES, Caller, InvalidToken, Role
from tests.contract.adapters.identity import IdentityUnderTest


@pytest.mark.parametrize("role", ["admin", "user", "viewer", "service"])
def test_a_token_names_its_caller_and_role(identity: IdentityUnderTest, role: Role) -> None:
    assert identity.port.verify(identity.issue("ann", role, timedelta(hours=1))) == Caller("ann", role)


def test_an_expired_token_is_refused(identity: IdentityUnderTest, clock: VirtualClock) -> None:
    token = identity.issue("ann", "user", timedelta(minutes=5))
    clock.advance(6 * 60 + 1)
    with pytest.raises(InvalidToken, match="expired"):
        identity.port.verify(token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "..", "a" * 10_000])
def test_what_is_no_token_is_refused(identity: IdentityUnderTest, token: str) -> None:
    with pytest.raises(InvalidToken) as caught:
        identity.port.verify(token)
    assert not token or token not in str(caught.value) or len(token) < 3


def test_a_token_without_signature_is_refused(identity: IdentityUnderTest) -> None:
    claims = jwt.decode(identity.issue("ann", "user", timedelta(hours=1)), options={"verify_signature": False})
    for headers in ({}, {"kid": "1"}):
        with pytest.raises(InvalidToken):
            identity.port.verify(jwt.encode({**claims, "role": "admin"}, "", "none", headers=headers))


def test_a_changed_token_is_refused(identity: IdentityUnderTest) -> None:
    head, _, signature = identity.issue("ann", "user", timedelta(hours=1)).split(".")
    _, body, _ = identity.issue("ann", "admin", timedelta(hours=1)).split(".")
    with pytest.raises(InvalidToken, match="signature"):
        identity.port.verify(f"{head}.{body}.{signature}")


def test_who_was_given_no_role_is_a_viewer(identity: IdentityUnderTest) -> None:
    assert identity.port.verify(identity.sign_in("ann")) == Caller("ann", "viewer")
    assert identity.port.role_of("ann") == "viewer"


def test_a_role_comes_with_the_next_token(identity: IdentityUnderTest) -> None:
    before = identity.sign_in("ann")
    identity.sign_in("bob")
    for role in ROLES:
        identity.port.set_role("ann", role)
        assert identity.port.role_of("ann") == role
        assert identity.port.verify(identity.sign_in("ann"), check_revoked=True) == Caller("ann", role)
        assert identity.port.verify(before, check_revoked=True) == Caller("ann", role), "the role of now"
    assert identity.port.verify(before) == Caller("ann", "viewer")
    assert identity.port.role_of("bob") == "viewer"


def test_what_is_no_role_or_no_user_is_refused(identity: IdentityUnderTest) -> None:
    identity.sign_in("ann")
    with pytest.raises(ValueError, match="is no role"):
        identity.port.set_role("ann", "root")  # type: ignore[arg-type]
    for user in ("", "a/b", "..", "x" * 129, "a\n"):
        with pytest.raises(ValueError, match="cannot be a user"):
            identity.port.set_role(user, "user")
        with pytest.raises(ValueError, match="cannot be a user"):
            identity.port.role_of(user)
    assert identity.port.role_of("ann") == "viewer"
