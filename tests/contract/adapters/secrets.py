"""Secrets adapters under contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.platform.embedded.secrets import FolderSecrets
from common.platform.google.secrets import SecretManagerSecrets
from common.platform.secrets import Secrets
from tests.protocol.secret_manager import secret_manager


@pytest.fixture(params=["embedded", "google"])
def secrets(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Secrets]:
    if request.param == "embedded":
        yield FolderSecrets(tmp_path / "secrets")
        return
    with secret_manager() as (_, client):
        yield SecretManagerSecrets(client, "a-project")
