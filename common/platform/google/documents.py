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
from datetime import UTC, datetime
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.api_core import exceptions, retry
from google.auth.exceptions import GoogleAuthError
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from google.protobuf.timestamp_pb2 import Timestamp  # type: ignore[import-untyped]

from common.platform.document_rules import check_collection, check_data, check_document, check_group, check_query
from common.platform.documents import Conflict, Create, Data, Delete, Document, Order, Unavailable, Update, Where, Write
from common.platform.google.document_query import selection
from common.platform.google.values import decode, encode
from common.platform.slow_reads import logged_when_slow

CALL_SECONDS = 10.0
REPEAT_SECONDS = 3.0  # how long a read is repeated before its caller hears of it
POLL_SECONDS = 0.5

# Firestore lets a document keep its update time when a write changes nothing in it, so that two rivals who write the
# same would both hold. This field changes with every write; no key of ours looks like it.
STAMP = "~stamp"
EXPIRES = "~expires"  # the field of the TTL policies: they take a timestamp, and `expires_at` is text

_AWAY = (exceptions.ServiceUnavailable, exceptions.InternalServerError)
_REPEAT = retry.Retry(retry.if_exception_type(*_AWAY), initial=0.1, maximum=1.0, multiplier=2.0, timeout=REPEAT_SECONDS)
_REFUSED = (exceptions.AlreadyExists, exceptions.FailedPrecondition, exceptions.NotFound, exceptions.Aborted)


# Left to itself, a connection waits up to two minutes after an outage before it looks again.
_CHANNEL = [
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]


def connect(emulator: str = "") -> FirestoreClient:
    """A client of Firestore under the credentials of the environment, or of the emulator at HOST:PORT."""
    if emulator:
        channel = grpc.insecure_channel(emulator, options=_CHANNEL)
    else:
        channel = FirestoreGrpcTransport.create_channel(options=_CHANNEL)
    return FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))


class FirestoreDocuments:
    """Documents of a project's default database, through a client that any number of threads may share.

    The client is the generated one: Google's layer above it cannot replace a document under a guard, and goes on with
    a query that broke from its start.
    """

    def __init__(self, client: FirestoreClient, project: str) -> None:
        self._client = client
        self._database = f"projects/{project}/databases/(default)"
        self._root = f"{self._database}/documents"
        metadata = [("google-cloud-resource-prefix", self._database)]
        self._options: dict[str, Any] = {"retry": None, "timeout": CALL_SECONDS, "metadata": metadata}

    def close(self) -> None:
        """Close the connection; the store must not be used afterwards."""
        self._client.transport.close()  # type: ignore[no-untyped-call]

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
        parent, collection_id = self._split(collection)
        cursor = None if after is None else [*after[:-1], self._name(f"{collection}/{after[-1]}")]
        return self._select(collection, parent, selection(collection_id, where, order, limit, cursor))

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
        cursor = None if after is None else [*after[:-1], self._name(after[-1])]
        return self._select(
            collection_id, self._root, selection(collection_id, where, order, limit, cursor, group=True)
        )

    @logged_when_slow
    def count(self, collection: str, where: Sequence[Where] = ()) -> int:
        """How many documents a query matches."""
        check_collection(collection)
        check_query(where)
        parent, collection_id = self._split(collection)
        request = types.RunAggregationQueryRequest(parent=parent)
        counting = types.RunAggregationQueryRequest.pb(request).structured_aggregation_query
        counting.structured_query.CopyFrom(selection(collection_id, where))
        counting.aggregations.add(alias="rows").count.SetInParent()
        [answer] = _read(collection, lambda: self._client.run_aggregation_query(request=request, **self._options))
        return int(answer.result.aggregate_fields["rows"].integer_value)

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
        request = types.CommitRequest(database=self._database)
        for write in writes:
            self._add(types.CommitRequest.pb(request).writes.add(), write)
        guarded = [write.path for write in writes if _guarded(write)]
        with _answers(", ".join(paths)):
            try:
                self._client.commit(request=request, **self._options)
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

    def _name(self, path: str) -> str:
        return f"{self._root}/{path}"

    def _split(self, collection: str) -> tuple[str, str]:
        parent, _, collection_id = self._name(collection).rpartition("/")
        return parent, collection_id

    def _select(self, scope: str, parent: str, chosen: Any) -> list[Document]:
        if chosen.HasField("limit") and not chosen.limit.value:
            return []
        request = types.RunQueryRequest(parent=parent)
        types.RunQueryRequest.pb(request).structured_query.CopyFrom(chosen)
        answers = _read(scope, lambda: self._client.run_query(request=request, **self._options))
        rows = [types.RunQueryResponse.pb(answer) for answer in answers]
        found = [self._document(row.document, row.read_time) for row in rows if row.HasField("document")]
        # Firestore sorts by the field of a range filter when it is asked for no order.
        return found if chosen.order_by else sorted(found, key=lambda one: one.path.split("/"))

    def _get(self, paths: Sequence[str]) -> list[Document | None]:
        for path in paths:
            check_document(path)
        names = [self._name(path) for path in paths]
        request = types.BatchGetDocumentsRequest(database=self._database, documents=names)
        answers = _read(paths[0], lambda: self._client.batch_get_documents(request=request, **self._options))
        rows = [types.BatchGetDocumentsResponse.pb(answer) for answer in answers]  # in an order of the server's own
        known = {row.found.name: self._document(row.found, row.read_time) for row in rows if row.HasField("found")}
        return [known.get(name) for name in names]

    def _document(self, found: Any, read_time: Timestamp) -> Document:
        data = decode({key: value for key, value in found.fields.items() if key not in (STAMP, EXPIRES)})
        updated = found.update_time
        return Document(
            path=found.name.removeprefix(f"{self._root}/"),
            data=data,
            version=f"{updated.seconds}.{updated.nanos:09}",
            read_at=read_time.ToDatetime(UTC),
        )

    def _add(self, place: Any, write: Write) -> None:
        if isinstance(write, Delete):
            place.delete = self._name(write.path)
        else:
            place.update.name = self._name(write.path)
            encode(write.data, place.update.fields)
            place.update.fields[STAMP].integer_value = int.from_bytes(os.urandom(6))
            if expires := _expiry(write.data):
                place.update.fields[EXPIRES].timestamp_value.FromDatetime(expires)
        if isinstance(write, Create):
            place.current_document.exists = False
        elif isinstance(write, Update | Delete) and write.version is not None:
            place.current_document.update_time.CopyFrom(_moment(write.path, write.version))


def _expiry(data: Data) -> datetime | None:
    """When a document may vanish, where it says so."""
    given = data.get("expires_at")
    if not isinstance(given, str):
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _guarded(write: Write) -> bool:
    return isinstance(write, Create | Update) or (isinstance(write, Delete) and write.version is not None)


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


def _read(what: str, call: Callable[[], Any]) -> list[Any]:
    """All answers of a stream; read from the start again when it breaks."""
    with _answers(what):
        answers: list[Any] = _REPEAT(lambda: list(call()))()
        return answers


@contextlib.contextmanager
def _answers(what: str) -> Iterator[None]:
    """Firestore's errors leave as ours."""
    try:
        yield
    except exceptions.InvalidArgument as error:
        raise ValueError(f"Firestore refuses this of {what}: {error.message}") from error
    except (exceptions.GoogleAPIError, GoogleAuthError) as error:
        raise Unavailable(f"Firestore did not answer about {what}: {error}") from error
