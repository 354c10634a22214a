"""The port for documents: read with version, query, and one atomic commit of guarded writes.

Paths alternate collection and id, as in Firestore: `pipelines/p1/steps/direct`. Values are JSON-like
(str, int of 64 bits, float, bool, None, list, dict), within the limits of `document_rules`. There are no
server-side transactions: read, decide in pure code, commit; on `Conflict` read again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

Data = Mapping[str, Any]
Operator = Literal["==", ">", ">=", "<", "<=", "in", "array_contains"]


class Conflict(Exception):
    """A guard did not hold, so nothing of the commit was written. Read again and decide anew."""


class Unavailable(Exception):
    """The store did not answer, so the outcome is unknown. Read back before you act."""


@dataclass(frozen=True)
class Document:
    """A stored document; `version` changes with every write and never returns.

    `read_at` is the moment of the read by the store's own clock, the one clock that all hosts share.
    """

    path: str
    data: dict[str, Any]
    version: str
    read_at: datetime = field(compare=False)

    @property
    def id(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Create:
    """Write a document that must not exist yet."""

    path: str
    data: Data


@dataclass(frozen=True)
class Update:
    """Replace a document that must still have the version that was read."""

    path: str
    data: Data
    version: str


@dataclass(frozen=True)
class Put:
    """Write a document whatever stands there. For values with one writer or no meaning in their history."""

    path: str
    data: Data


@dataclass(frozen=True)
class Delete:
    """Remove a document; with a version, only if it is unchanged. A missing document is fine without one."""

    path: str
    version: str | None = None


Write = Create | Update | Put | Delete


@dataclass(frozen=True)
class Where:
    """One filter of a query; filters are joined by AND. Field may be dotted (`cost.spent`)."""

    field: str
    op: Operator
    value: Any


@dataclass(frozen=True)
class Order:
    """One sort key; the document id is always the last tie-breaker, in the same direction as the last key."""

    field: str
    descending: bool = False


class Documents(Protocol):
    """Documents with guarded atomic commits; every method may raise Unavailable."""

    def get(self, path: str) -> Document | None:
        """The document, or None."""

    def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        """Several documents as they stood at one moment, in the order asked for; None for each that is missing."""

    def query(
        self,
        collection: str,
        where: Sequence[Where] = (),
        order: Sequence[Order] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[Document]:
        """Documents directly in a collection. `after` is the cursor: the last row's order values and its id.

        A filter compares values of one type and never matches a missing field; documents that lack an order
        field are left out; null sorts first; without an order, rows come by id. `in` takes up to 30 values, null is
        found by `==` alone, and pages of a range need an order. ValueError for a malformed query.
        """

    def query_group(
        self,
        collection_id: str,
        where: Sequence[Where] = (),
        order: Sequence[Order] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[Document]:
        """Documents of every collection of that id (`steps` of all pipelines); their path is the tie-breaker."""

    def count(self, collection: str, where: Sequence[Where] = ()) -> int:
        """How many documents a query matches."""

    def commit(self, writes: Sequence[Write]) -> None:
        """Apply all writes or none; Conflict, naming the path, when a guard fails. Each path at most once."""

    def watch(self, path: str, timeout: float) -> Iterator[Document]:
        """Yield the document now and after each change, until `timeout` seconds pass without one.

        Changes in quick succession may be seen as one; a deletion yields nothing.
        """
