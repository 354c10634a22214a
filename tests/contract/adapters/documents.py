"""Documents adapters under contract."""

import os
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.platform.documents import Documents
from common.platform.embedded.documents import SqliteDocuments


@pytest.fixture(params=["embedded", pytest.param("google", marks=pytest.mark.emulators)])
def documents(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Documents]:
    if request.param == "google":
        yield from firestore()
        return
    store = SqliteDocuments(tmp_path / "store.db")
    yield store
    store.close()


def firestore() -> Iterator[Documents]:
    """A project of its own in the emulator, emptied afterwards."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.firestore import Client

    from common.platform.google.documents import FirestoreDocuments

    project = f"test-{uuid.uuid4().hex[:12]}"
    store = FirestoreDocuments(Client(project=project, credentials=AnonymousCredentials()))
    yield store
    store.close()
    host = os.environ["FIRESTORE_EMULATOR_HOST"]
    everything = f"http://{host}/emulator/v1/projects/{project}/databases/(default)/documents"
    with urllib.request.urlopen(urllib.request.Request(everything, method="DELETE")):
        pass
