"""Secrets adapters under contract."""

from pathlib import Path

import pytest

from common.platform.embedded.secrets import FolderSecrets
from common.platform.secrets import Secrets


@pytest.fixture(params=["embedded"])
def secrets(request: pytest.FixtureRequest, tmp_path: Path) -> Secrets:
    return FolderSecrets(tmp_path / "secrets")
