"""Identity adapters under contract."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.identity import DevelopmentIdentity
from common.platform.embedded.secrets import FolderSecrets
from common.platform.identity import Identity, Role


@dataclass
class IdentityUnderTest:
    """An Identity adapter, and its provider's way to issue a token."""

    port: Identity
    issue: Callable[[str, Role, timedelta], str]


@pytest.fixture(params=["embedded"])
def identity(request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock) -> IdentityUnderTest:
    port = DevelopmentIdentity(FolderSecrets(tmp_path / "secrets"), clock)
    return IdentityUnderTest(port, port.issue)
