"""Documents in one SQLite file, shared by any number of threads and processes of one machine.

Write-ahead logging with `synchronous=NORMAL` survives `kill -9` of every process, because committed pages are in the
operating system's cache by then; only a power cut may lose the newest commits, and never half of one.
"""

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from common.domain import queries
from common.domain.queries import Shape
from common.platform.clock import Clock, SystemClock
from common.platform.document_rules import check_collection, check_data, check_document, check_group, check_query
from common.platform.documents import Conflict, Create, Delete, Document, Order, Put, Unavailable, Update, Where, Write
from common.platform.embedded.document_indexes import groups, listings
from common.platform.embedded.document_query import condition, selection
from common.platform.query_shape import check_declared, shape_of
from common.platform.slow_reads import logged_when_slow

BUSY_SECONDS = 10.0
POLL_SECONDS = 0.1

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS documents (path TEXT PRIMARY KEY, collection TEXT NOT NULL, family TEXT NOT NULL,"
    " id TEXT NOT NULL, data TEXT NOT NULL, version INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS documents_by_collection ON documents (collection, id)",
    # Versions come from one counter, so that a document deleted and made again never gets an old one back.
    "CREATE TABLE IF NOT EXISTS counter (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL)",
    "INSERT OR IGNORE INTO counter VALUES (1, 0)",
)


class SqliteDocuments:
    """Documents of one SQLite file, made when absent; keeps as many connections as calls ran at once.

    `clock` is the store's own: processes of one machine share it. `shapes` are the queries that production has indexes
    for: those of the code, or None for a store that answers every query and has no indexes.
    """

    def __init__(
        self, path: Path, clock: Clock | None = None, shapes: Collection[Shape] | None = queries.SHAPES
    ) -> None:
        self._path = path
        self._clock = clock or SystemClock()
        self._shapes = shapes
        self._groups = groups(frozenset(shapes or ()))
        self._listings = listings(frozenset(shapes or ()))
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        # Writers of this process queue here, in order; SQLite's own waiting polls and is unfair.
        self._writing = threading.Lock()
        self._changed = threading.Condition()
        self._commits = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"the document store {path} cannot be made: {error.strerror}") from None
        with self._transaction() as connection:
            for statement in _SCHEMA:
                connection.execute(statement)
            if shapes is not None:
                self._index(connection)

    def close(self) -> None:
        """Close every connection; the store must not be used afterwards."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    @logged_when_slow
    def get(self, path: str) -> Document | None:
        """The document, or None."""
        return self._get([path])[0]

    @logged_when_slow
    def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        """Several documents as they stood at one moment, in the order asked for."""
        return self._get(paths) if paths else []

    @logged_when_slow
    def query(
        self,
        collection: str,
        where: Sequence[Where] = (),
        order: Sequence[Order] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[Document]:
        """Documents directly in a collection."""
        check_collection(collection)
        check_query(where, order, limit, after)
        shape = self._shape(collection, where, order)
        scope, values = "documents WHERE collection = ?", [collection]
        if served := next((found for one in self._listings if (found := one.serve(shape))), None):
            scope = served.scope
            chosen = selection(where, order, after, limit, served.tie, served.column, served.fields)
            if served.contains:
                scope += " AND listed.value = ?"
                values.append(next(one.value for one in where if one.op == "array_contains"))
        else:
            chosen = selection(where, order, after, limit, "id")
        text = f"SELECT path, data, version FROM {scope} AND {chosen.text}"  # noqa: S608 - checked
        return [self._document(row) for row in self._select(text, [*values, *chosen.values])]

    @logged_when_slow
    def query_group(
        self,
        collection_id: str,
        where: Sequence[Where] = (),
        order: Sequence[Order] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[Document]:
        """Documents of every collection of that id, wherever it stands."""
        check_group(collection_id)
        check_query(where, order, limit, after)
        # Paths sort part by part, so that `p1/…` stands before `p1-a/…`: the mark sorts before every letter of an id.
        if after is not None:
            after = [*after[:-1], after[-1].replace("/", "\x01")]
        shape = self._shape(collection_id, where, order, group=True)
        tie = "replace(path, '/', char(1))"
        if index := next((one for one in self._groups if one.shape == shape), None):
            scope = f"documents INDEXED BY {index.name} WHERE family = '{shape.collection}' AND family = ?"
            chosen = selection(where, order, after, limit, tie, indexed=shape.fields)
        else:
            scope, chosen = "documents WHERE family = ?", selection(where, order, after, limit, tie)
        text = f"SELECT path, data, version FROM {scope} AND {chosen.text}"  # noqa: S608 - checked
        return [self._document(row) for row in self._select(text, [collection_id, *chosen.values])]

    @logged_when_slow
    def count(self, collection: str, where: Sequence[Where] = ()) -> int:
        """How many documents a query matches."""
        check_collection(collection)
        check_query(where)
        self._shape(collection, where)
        chosen = condition(where)
        text = f"SELECT count(*) FROM documents WHERE collection = ? AND {chosen.text}"  # noqa: S608 - checked
        return int(self._select(text, [collection, *chosen.values])[0][0])

    def commit(self, writes: Sequence[Write]) -> None:
        """Apply all writes or none; Conflict when a guard fails."""
        paths = [write.path for write in writes]
        for path in paths:
            check_document(path)
        if len(set(paths)) != len(paths):
            raise ValueError("a commit may write each document once; it names one of these twice: " + ", ".join(paths))
        encoded = [None if isinstance(write, Delete) else _encode(write) for write in writes]
        if not writes:
            return
        with self._transaction() as connection:
            [last] = connection.execute(
                "UPDATE counter SET version = version + ? RETURNING version", [len(writes)]
            ).fetchone()
            for version, (write, data) in enumerate(zip(writes, encoded, strict=True), last - len(writes) + 1):
                _apply(connection, write, data, version)
        with self._changed:
            self._commits += 1
            self._changed.notify_all()

    def watch(self, path: str, timeout: float) -> Iterator[Document]:
        """Yield the document now and after each change, until `timeout` seconds pass without one."""
        check_document(path)
        seen: str | None = None
        deadline = time.monotonic() + timeout
        # `data_version` is counted per connection, so a watch keeps one to itself.
        with self._connection() as connection:
            while True:
                commits, data_version = self._commits, _data_version(connection)
                row = connection.execute("SELECT path, data, version FROM documents WHERE path = ?", [path]).fetchone()
                document = self._document(row) if row else None
                version = document.version if document else None
                if version != seen:
                    seen = version
                    if document:
                        yield document
                    deadline = time.monotonic() + timeout
                    continue
                while self._commits == commits and _data_version(connection) == data_version:
                    left = deadline - time.monotonic()
                    if left <= 0:
                        return
                    # Commits of this process wake us at once; those of another process show in `data_version` only.
                    with self._changed:
                        if self._commits == commits:
                            self._changed.wait(min(left, POLL_SECONDS))
                if time.monotonic() >= deadline:
                    return

    def _shape(
        self, collection: str, where: Sequence[Where], order: Sequence[Order] = (), *, group: bool = False
    ) -> Shape:
        """The kind of a query; ValueError where production would have no index for it."""
        shape = shape_of(collection, where, order, group=group)
        if self._shapes is not None:
            check_declared(shape, self._shapes)
        return shape

    def _index(self, connection: sqlite3.Connection) -> None:
        """Make the indexes that are missing, and take away those of queries that are asked no more."""
        found = connection.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        kept = {listing.name for listing in self._listings}
        for kind in ("trigger", "table"):
            for name in (name for one, name in found if one == kind and name.startswith("listed_")):
                if not any(name.startswith(one) for one in kept):
                    connection.execute(f"DROP {kind} {name}")
        ours = {"documents_by_collection", *(group.name for group in self._groups)}
        for name in (name for one, name in found if one == "index" and name.startswith("documents_")):
            if name not in ours:
                connection.execute(f"DROP INDEX {name}")
        for group in self._groups:
            connection.execute(group.statement)
        for listing in self._listings:
            if ("table", listing.name) not in found:
                for statement in listing.statements:
                    connection.execute(statement)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection nobody else uses meanwhile; SQLite's errors leave as Unavailable."""
        try:
            connection = self._idle.pop() if self._idle else self._connect()
        except IndexError:  # another thread took the last idle one
            connection = self._connect()
        try:
            yield connection
        except sqlite3.Error as error:
            raise Unavailable(_reason(self._path, error)) from error
        finally:
            if self._closed or connection.in_transaction:
                connection.close()
            else:
                self._idle.append(connection)

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            _prepare(connection)
        except sqlite3.Error as error:
            raise Unavailable(_reason(self._path, error)) from error
        return connection

    def _get(self, paths: Sequence[str]) -> list[Document | None]:
        for path in paths:
            check_document(path)
        marks = ", ".join("?" * len(paths))
        rows = self._select(f"SELECT path, data, version FROM documents WHERE path IN ({marks})", paths)  # noqa: S608
        now = self._clock.now()
        known = {row[0]: self._document(row, now) for row in rows}
        return [known.get(path) for path in paths]

    def _document(self, row: Any, now: datetime | None = None) -> Document:
        now = now or self._clock.now()
        return Document(path=row[0], data=json.loads(row[1]), version=str(row[2]), read_at=now)

    def _select(self, text: str, values: Sequence[Any]) -> list[Any]:
        with self._connection() as connection:
            return connection.execute(text, values).fetchall()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One atomic change of the file: all of the block or nothing of it."""
        with self._writing, self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # SQLite rolls back by itself on some errors, such as a full disk.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def _data_version(connection: sqlite3.Connection) -> int:
    """A number that changes when any other connection, here or in another process, has committed."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _prepare(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            return
        except sqlite3.OperationalError as error:
            # The switch to WAL does not wait for a second process that switches at the same moment.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                connection.close()
                raise
            time.sleep(0.01)


def _apply(connection: sqlite3.Connection, write: Write, data: str | None, version: int) -> None:
    row = connection.execute("SELECT version FROM documents WHERE path = ?", [write.path]).fetchone()
    stored = str(row[0]) if row else None
    if isinstance(write, Create) and stored is not None:
        raise Conflict(f"{write.path} exists already, so it cannot be created")
    if isinstance(write, Update | Delete) and write.version is not None and stored != write.version:
        found = "it is gone" if stored is None else f"it has version {stored}"
        raise Conflict(f"{write.path} is no longer at version {write.version}: {found}")
    if isinstance(write, Delete):
        connection.execute("DELETE FROM documents WHERE path = ?", [write.path])
        return
    collection, identifier = write.path.rsplit("/", 1)
    connection.execute(
        "INSERT INTO documents (path, collection, family, id, data, version) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (path) DO UPDATE SET data = excluded.data, version = excluded.version",
        [write.path, collection, collection.rsplit("/", 1)[-1], identifier, data, version],
    )


def _encode(write: Create | Update | Put) -> str:
    check_data(write.path, write.data)
    return json.dumps(dict(write.data), allow_nan=False, separators=(",", ":"))


def _reason(path: Path, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return f"the disk is full, so the document store {path} took nothing: free some space"
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return f"another process held the document store {path} for {BUSY_SECONDS:.0f} s: try again"
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return f"the document store {path} is damaged or no document store: restore it or move it away"
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return f"the document store {path} cannot be opened or written: check that the folder is writable"
    return f"the document store {path} did not answer: {error}"
