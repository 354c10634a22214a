"""Documents adapters under contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.platform.documents import Documents
from common.platform.embedded.documents import SqliteDocuments


@pytest.fixture(params=["embedded"])
def documents(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Documents]:
    store = SqliteDocuments(tmp_path / "store.db")
    yield store
    store.close()
