"""Declared queries answer the same with indexes as without, and read nothing but what they answer."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from common.domain.queries import SHAPES, Shape
from common.platform.documents import Create, Delete, Document, Order, Put, Where
from common.platform.embedded.document_indexes import groups, listings
from common.platform.embedded.documents import SqliteDocuments
from common.platform.query_shape import shape_of

VALUES: dict[str, Any] = {
    "owner": "ann",
    "batch": "b1",
    "status": "failed",
    "created_at": "2026-01-13",
    "cost.spent": 2,
}
CASES = sorted((shape for shape in SHAPES if shape.collection == "pipelines"), key=str)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteDocuments]:
    with closing(SqliteDocuments(tmp_path / "store.db")) as store:
        yield store


def row(dice: random.Random) -> dict[str, Any]:
    return {
        "owner": dice.choice(["ann", "bob"]),
        "batch": dice.choice(["", "b1"]),
        "status": dice.choice(["completed", "failed"]),
        "created_at": f"2026-01-{dice.randrange(10, 19)}",
        "cost": {"spent": dice.randrange(5)},
        "words": dice.sample(["x", "y", "z"], 2),
    }


def asked(shape: Shape) -> tuple[list[Where], list[Order]]:
    """A query of that shape, with a range on every key of its order."""
    where = [Where(name, "==", VALUES[name]) for name in shape.equal]
    where += [Where(shape.contains, "array_contains", "x")] if shape.contains else []
    where += [Where(name, ">=", VALUES[name]) for name, _ in shape.order]
    return where, [Order(name, descending) for name, descending in shape.order]


def value(document: Document, field: str) -> Any:
    found: Any = document.data
    for part in field.split("."):
        found = found[part]
    return found


def everything(store: SqliteDocuments, where: list[Where], order: list[Order]) -> list[str]:
    """All pages, joined."""
    ids: list[str] = []
    after: list[Any] | None = None
    while page := store.query("pipelines", where, order, 7, after):
        ids += [one.id for one in page]
        after = [*(value(page[-1], key.field) for key in order), page[-1].id]
    return ids


def test_every_declared_list_answers_the_same_as_without_indexes(store: SqliteDocuments, tmp_path: Path) -> None:
    dice = random.Random(4)
    rows = {f"p{number:03d}": row(dice) for number in range(300)}
    store.commit([Create(f"pipelines/{name}", data) for name, data in rows.items()])
    for name in dice.sample(sorted(rows), 80):
        rows[name] = row(dice)
        store.commit([Put(f"pipelines/{name}", rows[name])])
    for name in dice.sample(sorted(rows), 40):
        del rows[name]
        store.commit([Delete(f"pipelines/{name}")])
    with closing(SqliteDocuments(tmp_path / "plain.db", shapes=None)) as plain:
        plain.commit([Create(f"pipelines/{name}", data) for name, data in rows.items()])
        for shape in CASES:
            query = asked(shape)
            found = everything(store, *query)
            assert found == everything(plain, *query), shape
            assert 0 < len(found) < 260, "the case proves nothing"


@pytest.mark.parametrize("shape", sorted(SHAPES, key=str), ids=str)
def test_every_declared_query_searches_an_index_and_sorts_nothing_but_ties(
    store: SqliteDocuments, shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    select = store._select

    def explained(text: str, values: Any) -> list[Any]:
        said.extend(line[3] for line in select(f"EXPLAIN QUERY PLAN {text}", values))
        return []

    monkeypatch.setattr(store, "_select", explained)
    where = [Where(name, "==", "v") for name in shape.equal]
    where += [Where(shape.contains, "array_contains", "x")] if shape.contains else []
    order = [Order(name, descending) for name, descending in shape.order]
    limit = 50 if order else None
    after = ["v"] * len(order) + ["steps/v" if shape.group else "v"] if order else None
    assert shape_of(shape.collection, where, order, group=shape.group) == shape
    if shape.group:
        store.query_group(shape.collection, where, order, limit, after)
    else:
        store.query(shape.collection, where, order, limit, after)
    assert said[0].startswith("SEARCH"), said
    assert not any(line.startswith("SCAN documents") for line in said), said
    if order:
        compared = said[0].rpartition("(")[2]
        # In a table of entries, owner and status are read along the way: an entry is small, and has them.
        looked_up = 2 if shape.contains else len(shape.equal) + (not shape.group)
        assert compared.count("=?") == looked_up, said
        assert "<?" in compared or ">?" in compared, "the cursor is where it begins"
        assert not any(line == "USE TEMP B-TREE FOR ORDER BY" for line in said), said


def test_every_declared_shape_is_served_and_no_index_serves_none() -> None:
    used = set()
    for shape in SHAPES:
        if shape.group:
            assert any(one.shape == shape for one in groups(SHAPES))
            continue
        [served] = [found for one in listings(SHAPES) if (found := one.serve(shape))]
        used.add(served.scope)
    made = sum(len(one.keys) + len(one.lists) for one in listings(SHAPES))
    alone = sum(keys[0] in ("at", "created_at", "cost.spent") for one in listings(SHAPES) for keys in one.keys)
    assert len(used) >= made - alone  # an order alone is asked for without being declared


def test_a_query_that_production_has_no_index_for_is_refused_and_says_what_to_do(store: SqliteDocuments) -> None:
    with pytest.raises(ValueError, match="declare it in common/domain/queries"):
        store.query("pipelines", [Where("preset", "==", "x")], [Order("created_at")])
    with pytest.raises(ValueError, match="declare it"):
        store.query_group("events", [Where("seq", "==", 1)])
    with pytest.raises(ValueError, match="declare it"):
        store.count("pipelines", [Where("status", "==", "failed"), Where("created_at", ">", "2026")])
    store.query("pipelines", [Where("preset", "==", "x"), Where("status", "==", "failed")])  # merged from single ones
    store.query("things", [Where("at", ">", 1)], [Order("at")], 1)


def test_a_store_of_before_gets_its_indexes_and_loses_those_of_other_times(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    old = SHAPES | {Shape("pipelines", frozenset({"preset"}), "tags", order=(("created_at", True),))}
    with closing(SqliteDocuments(path, shapes=None)) as before:
        before.commit([Create(f"pipelines/p{n}", {**row(random.Random(n)), "tags": ["x"]}) for n in range(50)])
    with closing(SqliteDocuments(path, shapes=old)), closing(SqliteDocuments(path)) as now:
        assert len(everything(now, [Where("words", "array_contains", "x")], [Order("created_at", True)])) > 20
        now.commit([Put("pipelines/p1", {})])
        names = [found[0] for found in now._select("SELECT name FROM sqlite_master WHERE sql IS NOT NULL", [])]
        assert not [name for name in names if "tags" in name or "preset" in name]


def test_entries_are_what_the_documents_say_whatever_is_written(store: SqliteDocuments, tmp_path: Path) -> None:
    dice = random.Random(7)
    for turn in range(400):
        path = f"pipelines/p{dice.randrange(20)}"
        odd = {**row(dice), "words": dice.choice([["x", "x"], [], None, "x", [1, "y", None]])}
        data = dice.choice([row(dice), odd, {"words": ["x"]}, {"created_at": None, "words": ["x"]}])
        store.commit([Delete(path) if turn % 9 == 0 else Put(path, data)])
    [listing] = [one for one in listings(SHAPES) if one.lists]
    table = listing.entries("words")
    kept = store._select(f"SELECT * FROM {table} ORDER BY 1, 2, 3", [])
    with sqlite3.connect(tmp_path / "store.db", isolation_level=None) as again:
        again.execute(f"DELETE FROM {table}")
        again.execute(listing.filling("words"))
        assert again.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() == kept
        rows = again.execute("SELECT count(*) FROM documents").fetchone()
        assert again.execute(f"SELECT count(*) FROM {listing.name}").fetchone() == rows
    again.close()
    assert len(kept) > 10


def test_the_shapes_are_few() -> None:
    assert len(SHAPES) <= 60
