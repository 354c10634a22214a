"""Objects adapters under contract."""

import os
import secrets
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.objects import FolderObjects
from common.platform.embedded.signed_urls import SignedUrls
from common.platform.google.objects import StorageObjects
from common.platform.google.signing import OwnKey
from common.platform.objects import Objects
from tests.protocol.storage import Storage, client_of, serving

# What gcp-storage-emulator 2026.7.19 does not keep; the server in tests/protocol keeps it all.
NOT_EMULATED = {
    "test_create_leaves_a_taken_key_alone": "the emulator ignores ifGenerationMatch and overwrites",
    "test_of_rivals_creating_one_key_one_wins": "the emulator ignores ifGenerationMatch and overwrites",
}


@cache
def own_key() -> OwnKey:
    return OwnKey()  # takes a moment to make


@pytest.fixture(params=["embedded", "google", pytest.param("google-emulator", marks=pytest.mark.emulators)])
def objects(request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock) -> Iterator[Objects]:
    if request.param == "embedded":
        yield FolderObjects(tmp_path / "objects", SignedUrls(b"a secret of some length", clock))
    elif request.param == "google":
        with serving(Storage("films")) as url, client_of(url) as client:
            yield StorageObjects(client, "films", own_key(), patience=30)
    else:
        if reason := NOT_EMULATED.get(request.node.originalname):
            pytest.skip(reason)
        with client_of(os.environ["STORAGE_EMULATOR_HOST"]) as client:
            bucket = client.create_bucket(f"films-{secrets.token_hex(4)}")
            yield StorageObjects(client, bucket.name, own_key(), patience=30)
            bucket.delete(force=True)
