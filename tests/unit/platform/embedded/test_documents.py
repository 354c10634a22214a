"""What only the SQLite adapter promises: many processes, sudden death, clear errors, indexes in use."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.platform.documents import Conflict, Create, Order, Put, Unavailable, Update, Where
from common.platform.embedded.documents import SqliteDocuments

ROOT = Path(__file__).parents[4]

CHILD = """
import sys
from pathlib import Path
from common.platform.documents import Conflict, Put, Update
from common.platform.embedded.documents import SqliteDocuments
store = SqliteDocuments(Path(sys.argv[1]))
{body}
"""

INCREMENT = """
for _ in range(50):
    while True:
        found = store.get("things/a")
        try:
            store.commit([Update("things/a", {"n": found.data["n"] + 1}, found.version)])
            break
        except Conflict:
            continue
"""

FOREVER = """
n = 0
while True:
    n += 1
    store.commit([Put("things/a", {"n": n}), Put("things/b", {"n": n})])
    print(n, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteDocuments]:
    opened = SqliteDocuments(path)
    yield opened
    opened.close()


def child(path: Path, body: str) -> subprocess.Popen[str]:
    code = CHILD.replace("{body}", body)
    return subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_the_state_survives_a_restart(path: Path) -> None:
    first = SqliteDocuments(path)
    first.commit([Create("things/a", {"n": 1})])
    first.close()
    second = SqliteDocuments(path)
    assert [one.data for one in second.query("things")] == [{"n": 1}]
    second.close()


def test_processes_that_open_and_write_one_new_file_lose_nothing(path: Path, store: SqliteDocuments) -> None:
    store.commit([Put("things/a", {"n": 0})])
    children = [child(path, INCREMENT) for _ in range(2)]
    for one in children:
        one.communicate(timeout=20)
        assert one.returncode == 0
    found = store.get("things/a")
    assert found is not None
    assert found.data == {"n": 100}


def test_a_killed_writer_leaves_whole_commits_only(path: Path) -> None:
    writer = child(path, FOREVER)
    assert writer.stdout is not None
    promised = [int(writer.stdout.readline()) for _ in range(50)][-1]
    writer.kill()
    writer.communicate(timeout=10)
    store = SqliteDocuments(path)
    values = [one.data["n"] for one in store.query("things")]
    store.close()
    assert values[0] == values[1] >= promised


def test_watch_sees_a_commit_of_another_process(path: Path, store: SqliteDocuments) -> None:
    store.commit([Put("things/a", {"n": 0})])
    changes = store.watch("things/a", timeout=10)
    assert next(changes).data == {"n": 0}
    other = child(path, 'store.commit([Put("things/a", {"n": 1})])')
    assert next(changes).data == {"n": 1}
    other.communicate(timeout=10)


def test_a_full_disk_is_named_and_changes_nothing(store: SqliteDocuments) -> None:
    store.commit([Put("things/a", {"n": 1})])
    pages = store._select("PRAGMA page_count", [])[0][0]
    store._select(f"PRAGMA max_page_count = {pages}", [])
    with pytest.raises(Unavailable, match="disk is full"):
        store.commit([Put("things/a", {"n": 2}), Put("things/b", {"text": "x" * 100_000})])
    assert [one.data for one in store.query("things")] == [{"n": 1}]


def test_a_store_held_by_another_process_is_unavailable(
    path: Path, store: SqliteDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    store._select("PRAGMA busy_timeout = 10", [])
    rival = sqlite3.connect(path, isolation_level=None)
    rival.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="another process held"):
        store.commit([Put("things/a", {})])
    rival.execute("ROLLBACK")
    rival.close()
    store.commit([Put("things/a", {})])


def test_a_file_of_another_kind_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(Unavailable, match="damaged or no document store"):
        SqliteDocuments(tmp_path / "store.db")


def test_a_folder_that_cannot_be_made_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot be made"):
        SqliteDocuments(tmp_path / "file" / "store.db")


def test_threads_in_turn_share_one_connection(store: SqliteDocuments) -> None:
    for _ in range(5):
        thread = threading.Thread(target=store.get, args=["things/a"])
        thread.start()
        thread.join()
    assert len(store._idle) == 1


def test_a_failing_guard_deep_in_a_large_commit_is_cheap_to_undo(store: SqliteDocuments) -> None:
    store.commit([Put(f"things/{n}", {"n": n}) for n in range(600)])
    with pytest.raises(Conflict):
        store.commit([*(Put(f"things/{n}", {"n": -1}) for n in range(600)), Update("things/x", {}, "1")])
    assert store.count("things", [Where("n", ">=", 0)]) == 600
    assert len(store.query("things", order=[Order("n")], limit=5)) == 5
