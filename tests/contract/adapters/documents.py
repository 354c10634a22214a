"""Documents adapters under contract."""

import contextlib
import os
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from common.platform.documents import Documents
from common.platform.embedded.documents import SqliteDocuments

if TYPE_CHECKING:
    from common.platform.google.documents import FirestoreDocuments

# What the Firestore emulator does not keep. Under load about one read in a hundred saw half of a commit, in a
# transaction too; Firestore answers a request as of one moment, and ours is one request with one read time.
NOT_EMULATED = {
    "test_several_documents_are_read_as_of_one_moment": "the emulator shows a commit's writes one after another",
}


@pytest.fixture(params=["embedded", pytest.param("google", marks=pytest.mark.emulators)])
def documents(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Documents]:
    if request.param == "google":
        if reason := NOT_EMULATED.get(request.node.originalname):
            pytest.skip(reason)
        with empty_project() as project, contextlib.closing(firestore(project)) as documents:
            yield documents
        return
    with contextlib.closing(SqliteDocuments(tmp_path / "store.db", shapes=None)) as store:
        yield store


@contextlib.contextmanager
def empty_project() -> Iterator[str]:
    """A project that nobody else uses in the Firestore emulator; its documents are removed afterwards."""
    project = f"test-{uuid.uuid4().hex[:12]}"
    yield project
    host = os.environ["FIRESTORE_EMULATOR_HOST"]
    everything = f"http://{host}/emulator/v1/projects/{project}/databases/(default)/documents"
    with urllib.request.urlopen(urllib.request.Request(everything, method="DELETE")):
        pass


def firestore(project: str, host: str = "") -> "FirestoreDocuments":
    """The documents of a project in the emulator at HOST:PORT, or in that of the environment."""
    from common.platform.google.documents import FirestoreDocuments, connect

    return FirestoreDocuments(connect(host or os.environ["FIRESTORE_EMULATOR_HOST"]), project)
