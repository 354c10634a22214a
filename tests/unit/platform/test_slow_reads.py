"""DB-2.3: a read of the store that took over 100 ms is in the log, with its shape and nobody's data."""

import logging
from datetime import timedelta

import pytest

from common.platform import slow_reads
from common.platform.documents import Order, Where
from common.platform.embedded.documents import SqliteDocuments
from common.platform.google.documents import FirestoreDocuments
from common.platform.slow_reads import asked, logged_when_slow


class Store:
    """Takes as long as its clock says."""

    @logged_when_slow
    def query(self, collection, where=(), order=(), limit=None):
        return [collection]

    @logged_when_slow
    def get(self, path):
        raise LookupError(path)


@pytest.fixture
def took(monkeypatch):
    def took(seconds):
        moments = iter([100.0, 100.0 + seconds])
        monkeypatch.setattr(slow_reads, "perf_counter", lambda: next(moments))

    return took


def test_db_2_3_a_slow_read_is_logged_with_its_shape(took, caplog):
    took(0.25)
    where, order = [Where("owner", "==", "ann"), Where("cost", "<", 5)], [Order("created_at", descending=True)]
    assert Store().query("pipelines/p1/steps", where, order=order, limit=20) == ["pipelines/p1/steps"]
    [record] = caplog.records
    assert (record.levelno, record.getMessage(), record.seconds) == (logging.WARNING, "slow read", 0.25)
    assert (record.read, record.collection) == ("query", "pipelines/*/steps")
    assert (record.filters, record.order, record.limit) == (["owner ==", "cost <"], ["created_at desc"], 20)
    assert "ann" not in str(vars(record))


def test_db_2_3_a_slow_read_that_fails_is_logged_too(took, caplog):
    took(timedelta(seconds=2).total_seconds())
    with pytest.raises(LookupError):
        Store().get("pipelines/p1")
    assert [record.collection for record in caplog.records] == ["pipelines/*"]


def test_db_2_3_a_quick_read_is_not(took, caplog):
    took(0.09)
    Store().query("pipelines")
    assert not caplog.records


@pytest.mark.parametrize("store", [SqliteDocuments, FirestoreDocuments])
@pytest.mark.parametrize("read", ["get", "get_all", "query", "query_group", "count"])
def test_db_2_3_every_read_of_every_store_is_measured(store, read):
    assert hasattr(getattr(store, read), "__wrapped__")


def test_what_was_asked_is_told_however_it_was_said():
    several = ["pipelines/p1", "pipelines/p1/steps/direct", "pipelines/p2"]
    assert asked("get_all", (several,), {}) == asked("get_all", (), {"paths": several})
    assert asked("get_all", (several,), {}) == {"read": "get_all", "collection": "pipelines/*, pipelines/*/steps/*"}
    assert asked("count", ("batches",), {"where": [Where("a", "in", [1])]}) == {
        "read": "count",
        "collection": "batches",
        "filters": ["a in"],
    }
