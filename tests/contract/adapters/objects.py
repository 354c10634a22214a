"""Objects adapters under contract."""

from pathlib import Path

import pytest

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.objects import FolderObjects
from common.platform.embedded.signed_urls import SignedUrls
from common.platform.objects import Objects


@pytest.fixture(params=["embedded"])
def objects(request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock) -> Objects:
    return FolderObjects(tmp_path / "objects", SignedUrls(b"a secret of some length", clock))
