"""Documents in Firestore: every commit is one batch of guarded writes, sent once.

There is no transaction on the server and no retry of a commit: a batch whose answer was lost may have been written,
and sent again it would fail on its own guards. Such a commit is Unavailable, and the caller reads back. Reads are
repeated for a few seconds.
"""

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from typing import Any, TypeVar

from google.api_core import exceptions, retry
from google.auth.exceptions import GoogleAuthError
from google.cloud.firestore import Client, CollectionReference, Query
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.field_path import FieldPath
from google.protobuf.timestamp_pb2 import Timestamp  # type: ignore[import-untyped]

from common.platform.document_rules import (
    check_collection,
    check_data,
    check_document,
    check_group,
    check_query,
    field_parts,
)
from common.platform.documents import Conflict, Create, Delete, Document, Order, Unavailable, Update, Where, Write
from common.platform.google import values

T = TypeVar("T")
Scope = Query | CollectionReference

CALL_SECONDS = 10.0
REPEAT_SECONDS = 3.0  # how long a read is repeated before its caller hears of it
POLL_SECONDS = 0.5

# Firestore lets a document keep its update time when a write changes nothing in it, so that two rivals who write the
# same would both hold. This field changes with every write; no key of ours looks like it.
STAMP = "~stamp"

_AWAY = (exceptions.ServiceUnavailable, exceptions.InternalServerError)
_REPEAT = retry.Retry(retry.if_exception_type(*_AWAY), initial=0.1, maximum=1.0, multiplier=2.0, timeout=REPEAT_SECONDS)
# The client would go on with a broken query by itself, but from its start where that had a cursor.
_ONCE = retry.Retry(retry.if_exception_type())
_REFUSED = (exceptions.AlreadyExists, exceptions.FailedPrecondition, exceptions.NotFound, exceptions.Aborted)


class FirestoreDocuments:
    """Documents of one Firestore database, through a client that any number of threads may share."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def close(self) -> None:
        """Close the connections; the store must not be used afterwards."""
        self._client.close()  # type: ignore[no-untyped-call]

    def get(self, path: str) -> Document | None:
        """The document, or None."""
        check_document(path)
        reference = self._client.document(path)
        found = _read(path, lambda: reference.get(retry=_ONCE, timeout=CALL_SECONDS))
        return _document(found) if found.exists else None

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
        cursor = None if after is None else (*after[:-1], self._client.document(f"{collection}/{after[-1]}"))
        chosen = _selection(self._client.collection(collection), where, order, limit, cursor)
        return self._select(collection, chosen, order, limit)

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
        cursor = None if after is None else (*after[:-1], self._client.document(after[-1]))
        chosen = _selection(self._client.collection_group(collection_id), where, order, limit, cursor)
        return self._select(collection_id, chosen, order, limit)

    def count(self, collection: str, where: Sequence[Where] = ()) -> int:
        """How many documents a query matches."""
        check_collection(collection)
        check_query(where)
        counting: Any = _filtered(self._client.collection(collection), where).count()
        rows = _read(collection, lambda: list(counting.stream(retry=_ONCE, timeout=CALL_SECONDS)))
        return int(rows[0][0].value)

    def commit(self, writes: Sequence[Write]) -> None:
        """Apply all writes or none; Conflict when a guard fails."""
        paths = [write.path for write in writes]
        for path in paths:
            check_document(path)
        if len(set(paths)) != len(paths):
            raise ValueError("a commit may write each document once; it names one of these twice: " + ", ".join(paths))
        for write in writes:
            if not isinstance(write, Delete):
                check_data(write.path, write.data)
        if not writes:
            return
        batch = self._client.batch()
        # The batch's own methods cannot replace a document under a guard: `set` takes none, and `update` merges.
        batch._add_write_pbs([self._message(write) for write in writes])
        guarded = [
            write.path for write in writes if isinstance(write, Create | Update) or getattr(write, "version", None)
        ]
        with _answers(", ".join(paths)):
            try:
                batch.commit(retry=None, timeout=CALL_SECONDS)
            except _REFUSED as error:
                if not guarded:
                    raise
                raise Conflict(_refusal(guarded, error)) from error

    def watch(self, path: str, timeout: float) -> Iterator[Document]:
        """Yield the document now and after each change, until `timeout` seconds pass without one.

        It asks again and again rather than listen: a listener costs two threads and falls silent when its stream
        breaks, and a watch that asks says so.
        """
        check_document(path)
        seen: str | None = None
        deadline = time.monotonic() + timeout
        while True:
            document = self.get(path)
            version = document.version if document else None
            if version != seen:
                seen = version
                if document:
                    yield document
                deadline = time.monotonic() + timeout
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, POLL_SECONDS))

    def _select(self, scope: str, chosen: Scope, order: Sequence[Order], limit: int | None) -> list[Document]:
        if limit == 0:
            return []
        rows = _read(scope, lambda: list(chosen.get(retry=_ONCE, timeout=CALL_SECONDS)))
        found = [_document(row) for row in rows]
        # Firestore sorts by the field of a range filter when it is asked for no order.
        return found if order else sorted(found, key=lambda one: one.path.split("/"))

    def _message(self, write: Write) -> types.Write:
        name = self._client.document(write.path)._document_path
        if isinstance(write, Delete):
            made = types.Write(delete=name)
        else:
            made = types.Write(update=values.document(name, write.data, {STAMP: int.from_bytes(os.urandom(6))}))
        if isinstance(write, Create):
            made.current_document = types.Precondition(exists=False)
        elif isinstance(write, Update | Delete) and write.version is not None:
            made.current_document = types.Precondition(update_time=_moment(write.path, write.version))
        return made


def _filtered(query: Scope, where: Sequence[Where]) -> Scope:
    for one in where:
        query = query.where(filter=FieldFilter(_field(one.field), one.op, one.value))
    return query


def _selection(
    scope: Scope, where: Sequence[Where], order: Sequence[Order], limit: int | None, cursor: tuple[Any, ...] | None
) -> Scope:
    query = _filtered(scope, where)
    for one in order:
        query = query.order_by(_field(one.field), direction=_direction(one.descending))
    if cursor is not None:
        # Firestore breaks ties by name anyway, in the last key's direction; the client wants to hear of it.
        descending = bool(order) and order[-1].descending
        query = query.order_by("__name__", direction=_direction(descending)).start_after(cursor)
    return query if limit is None else query.limit(limit)


def _direction(descending: bool) -> str:
    return Query.DESCENDING if descending else Query.ASCENDING


def _field(name: str) -> str:
    return FieldPath(*map(values.key_of, field_parts(name))).to_api_repr()


def _document(found: Any) -> Document:
    data = found.to_dict()
    data.pop(STAMP, None)
    updated = _timestamp(found.update_time)
    return Document(
        path=found.reference.path,
        data=values.decode(data),
        version=f"{updated.seconds}.{updated.nanos:09}",
        read_at=_timestamp(found.read_time).ToDatetime(UTC),
    )


def _timestamp(moment: Any) -> Timestamp:
    """The client gives some times as protobuf has them, and others in a class of its own."""
    return moment if isinstance(moment, Timestamp) else moment.timestamp_pb()


def _moment(path: str, version: str) -> Timestamp:
    """The update time that a version stands for."""
    seconds, dot, nanos = version.partition(".")
    if not (dot and seconds.isdecimal() and nanos.isdecimal()):
        raise Conflict(f"{path} never had the version {version!r}")
    return Timestamp(seconds=int(seconds), nanos=int(nanos))


def _refusal(guarded: Sequence[str], error: exceptions.GoogleAPICallError) -> str:
    """Which document stood in the way; all that were guarded where Firestore does not say."""
    named = [path for path in guarded if re.search(rf"/{re.escape(path)}(?![^\s,}}])", error.message)]
    return f"{' or '.join(named or guarded)} is not as it was read: {error.message}"


def _read(what: str, call: Callable[[], T]) -> T:
    with _answers(what):
        return _REPEAT(call)()


@contextlib.contextmanager
def _answers(what: str) -> Iterator[None]:
    """Firestore's errors leave as ours."""
    try:
        yield
    except exceptions.InvalidArgument as error:
        raise ValueError(f"Firestore refuses this of {what}: {error.message}") from error
    except (exceptions.GoogleAPIError, GoogleAuthError) as error:
        raise Unavailable(f"Firestore did not answer about {what}: {error}") from error
