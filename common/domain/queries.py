"""Every kind of query that needs an index made for it, said once.

Firestore answers a query of two fields only from an index over both, and refuses it otherwise, in production alone: its
emulator does not. So the embedded store refuses the same queries, unless the kind is declared here; it makes its own
indexes from this list, and Terraform makes Firestore's (`terraform/indexes.json`, written by `scripts/docs`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

Key = tuple[str, bool]  # a field, and whether the order is descending


@dataclass(frozen=True)
class Shape:
    """What matters of a query for its index: where, and which fields in which part."""

    collection: str  # its id: `steps` for those of a pipeline
    equal: frozenset[str] = frozenset()
    contains: str = ""  # a list that must contain a value
    ranged: frozenset[str] = frozenset()
    order: tuple[Key, ...] = ()
    group: bool = False  # over all collections of that id

    def __str__(self) -> str:
        order = ", ".join(f"{name}{' desc' * descending}" for name, descending in self.order)
        parts = [*sorted(self.equal), f"{self.contains}[]" * bool(self.contains), *sorted(self.ranged)]
        by, where = " ".join(filter(None, parts)), self.collection + "*" * self.group
        return f"{where} by {by or 'nothing'} in {order or 'any'}"

    @property
    def needs_index(self) -> bool:
        """Whether no index of a single field, which a store makes by itself, serves it."""
        if self.group:
            return bool(self.fields)  # single fields are indexed per collection only
        rest = {name for name, _ in self.order} | self.ranged
        return len(rest) > 1 or (bool(rest) and bool(self.equal or self.contains)) or bool(self.equal and self.contains)

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields of the index, in its order."""
        ordered = [name for name, _ in self.order]
        kept = [*([self.contains] if self.contains else []), *sorted(self.equal)]
        return (*kept, *ordered, *sorted(self.ranged - set(ordered)))


CREATED, COST = "created_at", "cost.spent"


def _pipelines() -> Iterator[Shape]:
    """Lists of pipelines: by owner or not, by status or not, in an order, with a range of its field or of both.

    And those of a batch.
    """
    for owner, status, first, descending, both in product((0, 1), (0, 1), (CREATED, COST), (True, False), (0, 1)):
        equal = frozenset(["owner"] * owner + ["status"] * status)
        order = ((first, descending), *(((COST if first == CREATED else CREATED), descending),) * both)
        yield Shape("pipelines", equal, "", frozenset(), order)
        if first == CREATED and descending:  # what is searched for comes newest first
            yield Shape("pipelines", equal, "words", frozenset(), order)
    for one in ({"batch"}, {"batch", "status"}):  # those of a batch, and one that has not ended yet
        yield Shape("pipelines", frozenset(one), order=((CREATED, True),))


def _audit() -> Iterator[Shape]:
    for kind, actor, subject in product((0, 1), repeat=3):
        equal = frozenset(["kind"] * kind + ["actor"] * actor + ["subject"] * subject)
        yield Shape("audit", equal, order=(("at", True),))


def _keys() -> Iterator[Shape]:
    for owner, service in product((0, 1), repeat=2):
        yield Shape("api_keys", frozenset(["owner"] * owner + ["service"] * service), order=((CREATED, True),))


SHAPES: frozenset[Shape] = frozenset(
    shape
    for shape in (
        *_pipelines(),
        *_audit(),
        *_keys(),
        # Deliveries of webhooks that nobody took care of in time.
        Shape("deliveries", order=(("look_at", False),), group=True),
        # The sweep, and whoever looks at what is running now; and plans that were not answered in time.
        Shape("steps", frozenset({"state"}), group=True),
        Shape("steps", frozenset({"state"}), order=(("deadline", False),), group=True),
    )
    if shape.needs_index
)

# Fields that no query names and that hold a lot: without their single-field indexes a write is cheaper.
UNINDEXED: Sequence[tuple[str, str]] = (
    *(("pipelines", name) for name in ("request", "parts", "facts", "result", "error")),
    *(("steps", name) for name in ("input", "result", "failure")),
    ("events", "data"),
    ("dead_letters", "body"),
    ("dead_letters", "data"),
    ("idempotency", "body"),
    ("jobs", "request"),
    ("edits", "changes"),
    ("streams", "stream"),
)
