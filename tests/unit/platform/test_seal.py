"""What is sealed says nothing, and opens for as long as its key is there."""

from pathlib import Path

import pytest

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.secrets import FolderSecrets
from common.platform.seal import SECRET, Seal, SealBroken
from common.platform.secrets import SecretsUnavailable

PLAIN = b"what a user entrusts to us"


@pytest.fixture
def secrets(tmp_path: Path) -> FolderSecrets:
    made = FolderSecrets(tmp_path)
    made.begin(SECRET, "the first key, of some length")
    return made


def seal(secrets: FolderSecrets) -> Seal:
    return Seal(secrets, VirtualClock())


def test_what_was_closed_opens(secrets: FolderSecrets) -> None:
    closed = seal(secrets).close(PLAIN)
    assert PLAIN.decode() not in closed
    assert seal(secrets).close(PLAIN) != closed
    assert seal(secrets).open(closed) == PLAIN


def test_a_newer_key_closes_and_the_older_one_still_opens(secrets: FolderSecrets) -> None:
    old = seal(secrets).close(PLAIN)
    secrets.add(SECRET, "the second key, of some length")
    new = seal(secrets).close(PLAIN)
    assert (old.partition(".")[0], new.partition(".")[0]) == ("1", "2")
    assert seal(secrets).open(old) == seal(secrets).open(new) == PLAIN
    secrets.disable(SECRET, "1")
    assert seal(secrets).open(new) == PLAIN
    with pytest.raises(SealBroken):
        seal(secrets).open(old)


@pytest.mark.parametrize("sealed", ["", "1.", "1.nonsense", "2.x", "nonsense", "1.gAAAAA=="])
def test_what_was_never_closed_does_not_open(secrets: FolderSecrets, sealed: str) -> None:
    with pytest.raises(SealBroken):
        seal(secrets).open(sealed)


def test_a_changed_text_does_not_open(secrets: FolderSecrets) -> None:
    closed = seal(secrets).close(PLAIN)
    middle = len(closed) // 2  # the last letter of base64 has bits that mean nothing
    with pytest.raises(SealBroken):
        seal(secrets).open(closed[:middle] + ("A" if closed[middle] != "A" else "B") + closed[middle + 1 :])


def test_without_a_key_nothing_is_closed(tmp_path: Path) -> None:
    with pytest.raises(SecretsUnavailable):
        seal(FolderSecrets(tmp_path)).close(PLAIN)
