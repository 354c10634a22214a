"""One watcher per pipeline and process: what is kept, what is read from the store, when it ends, how it recovers."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from common.engine.context import Context
from common.http.live import hub
from common.http.live.hub import Follower, Hub
from common.platform.documents import Unavailable
from tests.live_world import born, tell


class Moody:
    """The store, away when told to, counting what is asked of it."""

    def __init__(self, documents: Any) -> None:
        self._documents = documents
        self.away = False
        self.queries = 0
        self.watches = 0

    def get(self, path: str) -> Any:
        return self._call(self._documents.get, path)

    def query(self, *words: Any, **options: Any) -> Any:
        self.queries += 1
        return self._call(self._documents.query, *words, **options)

    def watch(self, path: str, timeout: float) -> Iterator[Any]:
        self.watches += 1
        for document in self._documents.watch(path, min(timeout, 0.1)):
            self._call(lambda: None)
            yield document

    def _call(self, work: Callable[..., Any], *words: Any, **options: Any) -> Any:
        if self.away:
            raise Unavailable("the store is away")
        return work(*words, **options)


class Reader:
    """A client that waits to be woken, as the real ones do."""

    def __init__(self, over: Hub, after: int = 0, pipeline_id: str = "p1") -> None:
        self._more = threading.Event()
        self.place: Follower = over.follow(pipeline_id, after, self._more.set)
        self.seen: list[int] = []

    def until(self, last: int) -> list[int]:
        while not self.seen or self.seen[-1] < last:
            self._more.clear()
            found = self.place.ready()
            if found is None:
                found = self.place.catch_up()
            self.seen += [message.seq for message in found]
            if not found:
                assert self._more.wait(20), f"nothing came after {self.seen[-3:]}"
        return self.seen


@pytest.fixture
def store(context: Context) -> Moody:
    born(context)
    return Moody(context.documents)


def gone(over: Hub) -> bool:
    until = time.monotonic() + 20
    while over.watched() and time.monotonic() < until:
        time.sleep(0.01)
    return not over.watched()


def test_every_reader_gets_every_event_once_and_in_order(store, context):
    over = Hub(store)
    readers = [Reader(over) for _ in range(20)]
    for _ in range(30):
        tell(context)
    assert all(reader.until(30) == list(range(1, 31)) for reader in readers)
    assert over.watched() == 1


def test_a_reader_goes_on_from_where_it_was(store, context):
    for _ in range(9):
        tell(context)
    over = Hub(store)
    assert Reader(over, after=6).until(9) == [7, 8, 9]
    assert Reader(over, after=2).until(9) == list(range(3, 10))


def test_what_is_no_longer_kept_is_read_from_the_store(store, context, monkeypatch):
    monkeypatch.setattr(hub, "KEPT", 3)
    over = Hub(store)
    early = Reader(over)
    for _ in range(10):
        tell(context)
    assert early.until(10) == list(range(1, 11))
    late = Reader(over, after=5)
    until = time.monotonic() + 20
    while over.follow("p1", 5, lambda: None).ready() is not None and time.monotonic() < until:
        time.sleep(0.01)  # the watcher may be behind whoever read from the store
    assert late.place.ready() is None
    assert late.until(10) == [6, 7, 8, 9, 10]


def test_many_readers_cost_the_store_no_more_than_one(store, context):
    over = Hub(store)
    readers = [Reader(over) for _ in range(50)]
    for _ in range(5):
        tell(context)
    for reader in readers:
        reader.until(5)
    assert store.queries <= 5


def test_the_watcher_ends_with_its_last_reader_and_another_begins_anew(store, context):
    over = Hub(store)
    one, other = Reader(over), Reader(over)
    tell(context)
    one.until(1)
    one.place.close()
    assert over.watched() == 1
    other.place.close()
    assert gone(over)
    tell(context)
    assert Reader(over, after=1).until(2) == [2]


def test_readers_wait_while_the_store_is_away_and_then_get_everything(store, context):
    over = Hub(store)
    reader = Reader(over)
    tell(context)
    reader.until(1)
    store.away = True
    for _ in range(3):
        tell(context)
    seen = store.watches
    while store.watches < seen + 3:
        time.sleep(0.01)
    assert reader.place.ready() == []
    store.away = False
    assert reader.until(4) == [1, 2, 3, 4]


def test_a_gap_in_what_the_store_shows_is_waited_for_and_never_skipped(store, context):
    hidden = {3}
    query = store.query

    def partial(*words: Any, **options: Any) -> Any:
        return [row for row in query(*words, **options) if row.data["seq"] not in hidden]

    store.query = partial
    over = Hub(store)
    reader = Reader(over)
    for _ in range(5):
        tell(context)
    assert reader.until(2) == [1, 2]
    assert reader.place.ready() == []
    hidden.clear()
    assert reader.until(5) == [1, 2, 3, 4, 5]


def test_a_process_has_one_hub_for_a_store(context):
    assert hub.of(context.documents) is hub.of(context.documents)
