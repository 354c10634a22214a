"""A document store that counts what is asked of it and keeps its commits, to be written again without the engine."""

from collections.abc import Iterator, Sequence
from typing import Any

from common.platform.documents import Delete, Document, Documents, Order, Put, Where, Write


class RecordedDocuments:
    """Another store, with its commits in the order in which they succeeded."""

    def __init__(self, inner: Documents) -> None:
        self.commits: list[tuple[Write, ...]] = []
        self.reads = 0
        self._inner = inner

    def get(self, path: str) -> Document | None:
        """The document, or None."""
        self.reads += 1
        return self._inner.get(path)

    def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        """Several documents as they stood at one moment."""
        self.reads += 1
        return self._inner.get_all(paths)

    def query(
        self,
        collection: str,
        where: Sequence[Where] = (),
        order: Sequence[Order] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[Document]:
        """Documents directly in a collection."""
        self.reads += 1
        return self._inner.query(collection, where, order, limit, after)

    def query_group(
        self,
        collection_id: str,
        where: Sequence[Where] = (),
        order: Sequence[Order] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[Document]:
        """Documents of every collection of that id."""
        self.reads += 1
        return self._inner.query_group(collection_id, where, order, limit, after)

    def count(self, collection: str, where: Sequence[Where] = ()) -> int:
        """How many documents a query matches."""
        self.reads += 1
        return self._inner.count(collection, where)

    def commit(self, writes: Sequence[Write]) -> None:
        """Apply all writes or none."""
        self._inner.commit(writes)
        self.commits.append(tuple(writes))

    def watch(self, path: str, timeout: float) -> Iterator[Document]:
        """Yield the document now and after each change."""
        return self._inner.watch(path, timeout)


def bare(commits: Sequence[Sequence[Write]]) -> list[list[Write]]:
    """The same commits of the same documents without their guards, so that nothing has to be read for them."""
    return [
        [Delete(write.path) if isinstance(write, Delete) else Put(write.path, write.data) for write in writes]
        for writes in commits
    ]
