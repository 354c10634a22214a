"""What only the folder adapter promises: nobody else can read it, and it stays."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from common.platform.embedded.secrets import FolderSecrets


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_only_the_owner_can_read_and_the_state_survives(tmp_path: Path) -> None:
    root = tmp_path / "secrets"
    root.mkdir(mode=0o755)
    FolderSecrets(root).add("key", "value")
    assert [mode(path) for path in (root, root / "key", root / "key" / "1")] == [0o700, 0o700, 0o600]
    assert [path.name for path in (root / "key").iterdir()] == ["1"]
    FolderSecrets(root).disable("key", "1")
    assert FolderSecrets(root).versions("key") == []


def test_writers_at_once_get_versions_of_their_own(tmp_path: Path) -> None:
    secrets = FolderSecrets(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(lambda number: secrets.add("key", str(number)), range(40)))
    assert sorted(versions, key=int) == [str(number) for number in range(1, 41)]
    assert all(secrets.read("key", version) == str(number) for number, version in enumerate(versions))


def test_of_those_that_begin_at_once_one_makes_the_first_version(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: FolderSecrets(tmp_path).begin("key", str(number)), range(40)))
    assert FolderSecrets(tmp_path).versions("key") == ["1"]
    kept = FolderSecrets(tmp_path).read("key")
    FolderSecrets(tmp_path).begin("key", "later")
    assert FolderSecrets(tmp_path).read("key") == kept


def test_what_was_taken_away_is_not_begun_again(tmp_path: Path) -> None:
    secrets = FolderSecrets(tmp_path)
    secrets.begin("key", "one")
    secrets.disable("key", "1")
    secrets.begin("key", "two")
    assert secrets.versions("key") == []
