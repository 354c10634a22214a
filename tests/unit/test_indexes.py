"""Complete lists: the queries that the code asks, the ones declared, and the indexes that Terraform makes of them."""

import dataclasses
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from common.domain.pipeline import Event, Pipeline, Step
from common.domain.queries import SHAPES, UNINDEXED, Shape
from common.engine import attention, sweep
from common.engine.batches import Job
from common.engine.context import Context
from common.engine.editing import Edited
from common.engine.records import DeadLetter
from common.engine.streams import Shown
from common.http.idempotency import Record
from common.identity import api_keys
from common.observability import audit
from common.platform.documents import Document, Documents, Order, Where
from common.platform.query_shape import shape_of
from scripts.local import indexes
from tests.http_world import clock, context, posted

__all__ = ["clock", "context", "posted"]

MODELS = {
    "pipelines": Pipeline,
    "steps": Step,
    "events": Event,
    "dead_letters": DeadLetter,
    "idempotency": Record,
    "jobs": Job,
    "edits": Edited,
    "streams": Shown,
}


class Recorded:
    """Documents that note the shape of every query."""

    def __init__(self, inner: Documents) -> None:
        self.asked: set[Shape] = set()
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def query(
        self, collection: str, where: Any = (), order: Any = (), limit: Any = None, after: Any = None
    ) -> list[Document]:
        self.asked.add(shape_of(collection, where, order))
        return self._inner.query(collection, where, order, limit, after)

    def query_group(
        self, collection: str, where: Any = (), order: Any = (), limit: Any = None, after: Any = None
    ) -> list[Document]:
        self.asked.add(shape_of(collection, where, order, group=True))
        return self._inner.query_group(collection, where, order, limit, after)


def test_terraform_has_exactly_the_indexes_of_the_declared_queries():
    assert indexes.FILE.read_text(encoding="utf-8") == indexes.text(), "run scripts/docs"


def test_what_is_declared_beside_lists_of_pipelines_is_what_the_code_asks(context: Context):
    """Lists of pipelines: tests/unit/engine/test_listing.py. And the store refuses what is not declared."""
    documents = Recorded(context.documents)
    world = dataclasses.replace(context, documents=documents)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    kinds: list[audit.Kind | None] = [None, "ERROR"]
    for kind, actor, subject, since, until in itertools.product(
        kinds, (None, "a"), (None, "s"), (None, at), (None, at)
    ):
        audit.newest(documents, kind=kind, actor=actor, subject=subject, since=since, until=until, limit=1)  # type: ignore[arg-type]
    for owner, service in itertools.product((None, "a"), (None, "s")):
        api_keys.listed(world, owner=owner, service=service, limit=1)
    sweep.sweep(world)
    attention.troubles(world.documents, world.catalogue)
    declared = {shape for shape in SHAPES if shape.collection != "pipelines"}
    assert {shape for shape in documents.asked if shape.needs_index} == declared


def needs(where: list[Where], order: list[Order], *, group: bool = False) -> bool:
    return shape_of("things", where, order, group=group).needs_index


@pytest.mark.parametrize(
    ("where", "order", "expected"),
    [
        ([], [], False),
        ([Where("a", "==", 1), Where("b", "in", [1])], [], False),  # merged from the indexes of single fields
        ([Where("a", ">", 1), Where("a", "<", 3)], [Order("a")], False),
        ([], [Order("a", descending=True)], False),
        ([Where("a", "array_contains", "x")], [], False),
        ([Where("a", "==", 1)], [Order("b")], True),
        ([Where("a", "==", 1), Where("b", ">", 1)], [], True),
        ([Where("a", ">", 1), Where("b", ">", 1)], [], True),
        ([], [Order("a"), Order("b")], True),
        ([Where("a", "array_contains", "x")], [Order("b")], True),
        ([Where("a", "array_contains", "x"), Where("b", "==", 1)], [], True),
    ],
)
def test_which_queries_firestore_needs_an_index_for(where: list[Where], order: list[Order], expected: bool):
    assert needs(where, order) is expected


def test_a_group_of_collections_needs_one_for_each_field():
    assert needs([Where("a", "==", 1)], [], group=True)
    assert not needs([], [], group=True)


def test_an_index_holds_the_fields_of_its_query_in_firestores_order():
    assert {
        "collectionGroup": "pipelines",
        "queryScope": "COLLECTION",
        "fields": [
            {"fieldPath": "words", "arrayConfig": "CONTAINS"},
            {"fieldPath": "owner", "order": "ASCENDING"},
            {"fieldPath": "status", "order": "ASCENDING"},
            {"fieldPath": "created_at", "order": "DESCENDING"},
            {"fieldPath": "cost.spent", "order": "DESCENDING"},
        ],
    } in indexes.document()["indexes"]
    [steps] = [one for one in indexes.document()["fieldOverrides"] if one["fieldPath"] == "state"]
    assert {"order": "ASCENDING", "queryScope": "COLLECTION_GROUP"} in steps["indexes"]


def test_no_index_is_listed_twice_and_there_are_few():
    made = json.loads(indexes.FILE.read_text(encoding="utf-8"))
    listed = [json.dumps(one, sort_keys=True) for one in made["indexes"]]
    assert len(set(listed)) == len(listed) <= 60
    fields = [(one["collectionGroup"], one["fieldPath"]) for one in made["fieldOverrides"]]
    assert len(set(fields)) == len(fields)


def _queried() -> Iterator[tuple[str, str]]:
    """Collection id and first part of every field that is named in a query, as written in the code."""
    root = Path(__file__).parents[2]
    for path in itertools.chain((root / "common").rglob("*.py"), (root / "scripts").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for collection, field in UNINDEXED:
            if f'Where("{field}' in text or f'Order("{field}' in text:
                yield collection, field


def test_what_has_no_index_of_its_own_exists_and_is_never_asked_for():
    for collection, field in UNINDEXED:
        assert field in MODELS[collection].model_fields, (collection, field)
    assert not [*_queried()]
    assert not {(one.collection, name.split(".")[0]) for one in SHAPES for name in one.fields} & set(UNINDEXED)
