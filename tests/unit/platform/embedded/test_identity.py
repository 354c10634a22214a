"""What only development tokens promise: our key, our audience, our issuer, and rotation."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.identity import SECRET, DevelopmentIdentity
from common.platform.embedded.secrets import FolderSecrets
from common.platform.identity import Caller, InvalidToken, Role


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def secrets(tmp_path: Path) -> FolderSecrets:
    return FolderSecrets(tmp_path)


@pytest.fixture
def identity(secrets: FolderSecrets, clock: VirtualClock) -> DevelopmentIdentity:
    return DevelopmentIdentity(secrets, clock)


def forge(secrets: FolderSecrets, token: str, key: str | None = None, **changes: Any) -> str:
    claims = {**jwt.decode(token, options={"verify_signature": False}), **changes}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key or secrets.read(SECRET), "HS256", headers={"kid": "1"})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "another"}, "audience"),
        ({"iss": "https://example.com"}, "issuer"),
        ({"key": "x" * 40}, "signature"),
        ({"iat": 4_000_000_000, "exp": 4_000_000_001}, "future"),
        ({"exp": None}, "lacks the claim exp"),
        ({"sub": None}, "lacks the claim sub"),
        ({"sub": ""}, "no user"),
        ({"sub": "a/b"}, "no user"),
        ({"sub": ".."}, "no user"),
        ({"exp": "soon"}, "no numbers|damaged"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused_with_the_reason(
    identity: DevelopmentIdentity, secrets: FolderSecrets, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidToken, match=reason):
        identity.verify(forge(secrets, identity.issue("ann", "user"), **changes))


@pytest.mark.parametrize("role", [None, "root", "Admin", 7, ["admin"], {"a": 1}])
def test_an_unknown_role_is_a_viewer(identity: DevelopmentIdentity, secrets: FolderSecrets, role: Any) -> None:
    assert identity.verify(forge(secrets, identity.issue("ann", "admin"), role=role)) == Caller("ann", "viewer")


def test_another_algorithm_is_refused(identity: DevelopmentIdentity, secrets: FolderSecrets) -> None:
    claims = jwt.decode(identity.issue("ann", "user"), options={"verify_signature": False})
    token = jwt.encode(claims, secrets.read(SECRET), "HS384", headers={"kid": "1"})
    with pytest.raises(InvalidToken, match="not accepted"):
        identity.verify(token)


def test_keys_rotate_and_an_installation_has_its_own(
    identity: DevelopmentIdentity, secrets: FolderSecrets, clock: VirtualClock, tmp_path: Path
) -> None:
    old = identity.issue("ann", "user")
    secrets.add(SECRET, "another key of enough length, 32 bytes and more")
    new = identity.issue("ann", "user")
    assert identity.verify(old) == identity.verify(new)
    assert DevelopmentIdentity(FolderSecrets(tmp_path), clock).verify(new) == Caller("ann", "user")
    secrets.disable(SECRET, "1")
    with pytest.raises(InvalidToken, match="no longer"):
        identity.verify(old)
    with pytest.raises(InvalidToken):
        DevelopmentIdentity(FolderSecrets(tmp_path / "elsewhere"), clock).verify(new)


@pytest.mark.parametrize(
    ("user", "role", "ttl"),
    [("", "user", 60), ("a/b", "user", 60), ("ann", "root", 60), ("ann", "user", 0), ("ann", "user", 10**8)],
)
def test_a_token_that_could_not_be_verified_is_not_issued(
    identity: DevelopmentIdentity, user: str, role: Role, ttl: int
) -> None:
    with pytest.raises(ValueError, match=r"user|role|token"):
        identity.issue(user, role, timedelta(seconds=ttl))
