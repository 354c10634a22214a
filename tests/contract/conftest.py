"""Adapters under contract: every test of this folder runs once per adapter of its port."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.platform.documents import Documents
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.documents import SqliteDocuments
from common.platform.embedded.objects import FolderObjects
from common.platform.embedded.signed_urls import SignedUrls
from common.platform.objects import Objects


@pytest.fixture(params=["embedded"])
def documents(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Documents]:
    store = SqliteDocuments(tmp_path / "store.db")
    yield store
    store.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(params=["embedded"])
def objects(request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock) -> Objects:
    return FolderObjects(tmp_path / "objects", SignedUrls(b"a secret of some length", clock))
