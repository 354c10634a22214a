"""SQLite's indexes for the declared kinds of queries: fewer than Firestore's, for one serves both directions.

A query of plain fields uses an index on the expressions it compares, over its collection alone. One that looks into a
list uses a table with an entry per value of the list, in the order in which it is asked for, which triggers keep in
step with the documents. Which index a query uses is said in the query: a planner without statistics guesses wrong.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from common.domain.model import digest
from common.domain.queries import Shape
from common.platform.embedded.document_query import extract, json_path


@dataclass(frozen=True)
class Index:
    """An index on expressions: the equal fields, then those of the order."""

    collection: str
    equal: tuple[str, ...]
    order: tuple[str, ...]
    group: bool

    @property
    def name(self) -> str:
        """Its name in the file."""
        parts = [self.collection, "all" if self.group else "", *self.equal, "by", *self.order]
        return "_".join(["documents", *(re.sub(r"\W", "_", part) for part in parts if part)])

    @property
    def statement(self) -> str:
        """What makes it."""
        first, last = ([], ["path"]) if self.group else (["collection"], ["id"])
        keys = ", ".join([*first, *map(extract, (*self.equal, *self.order)), *last])
        return f"CREATE INDEX IF NOT EXISTS {self.name} ON documents ({keys}) WHERE family = '{self.collection}'"

    def serves(self, shape: Shape) -> bool:
        """Whether it holds what such a query asks for, in its order."""
        asked = tuple(name for name, _ in shape.order) + tuple(sorted(shape.ranged))
        one_way = len({descending for _, descending in shape.order}) < 2
        return (
            (self.collection, self.equal, self.group) == (shape.collection, tuple(sorted(shape.equal)), shape.group)
            and not shape.contains
            and one_way
            and asked == self.order[: len(asked)]
        )


@dataclass(frozen=True)
class Entries:
    """A table with an entry per value of a list: where, the value, the order's fields, the id, what else is asked."""

    collection: str
    contains: str
    order: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name in the file."""
        return "_".join(["entries", self.collection, re.sub(r"\W", "_", self.contains), digest(self.fields)[:6]])

    def column(self, field: str) -> str:
        """The column of a field of the order, or of another one."""
        return f"entries.{self._plain(field)}"

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that has a column."""
        return (*self.order, *self.others)

    def serves(self, shape: Shape) -> bool:
        """Whether it holds what such a query asks for, in its order."""
        asked = tuple(name for name, _ in shape.order)
        return (
            (self.collection, self.contains) == (shape.collection, shape.contains)
            and shape.equal | shape.ranged <= set(self.fields)
            and asked == self.order[: len(asked)]
        )

    @property
    def statements(self) -> tuple[str, ...]:
        """What makes the table, and keeps it in step from then on."""
        ordered = ", ".join(map(self._plain, self.order))
        columns = "".join(f", {self._plain(name)} NOT NULL" for name in self.fields)
        ours = f"family = '{self.collection}'"
        changed = " OR ".join(
            f"{self._value('old', name)} IS NOT {self._value('new', name)}" for name in (*self.fields, self.contains)
        )
        return (
            f"CREATE TABLE {self.name} (collection TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL{columns},"
            f" PRIMARY KEY (collection, value, {ordered}, id)) WITHOUT ROWID",
            self.filling,
            f"CREATE TRIGGER {self.name}_made AFTER INSERT ON documents WHEN new.{ours} BEGIN {self._add('new')}; END",
            f"CREATE TRIGGER {self.name}_gone AFTER DELETE ON documents WHEN old.{ours} BEGIN {self._drop()}; END",
            f"CREATE TRIGGER {self.name}_changed AFTER UPDATE ON documents WHEN new.{ours} AND ({changed})"
            f" BEGIN {self._drop()}; {self._add('new')}; END",
        )

    @property
    def filling(self) -> str:
        """The entries of all documents that are there, in the table's own order, which is the fast one."""
        values = ", ".join(f"{self._value('documents', name)} AS {self._plain(name)}" for name in self.fields)
        columns = ", ".join(map(self._plain, self.fields))
        return (
            f"INSERT OR IGNORE INTO {self.name} (collection, value, id, {columns})"  # noqa: S608 - names of ours
            f" SELECT documents.collection, each.value, documents.id, {values}"
            f" FROM documents, {self._each('documents')} AS each"
            f" WHERE documents.family = '{self.collection}' AND {self._listed('documents')} ORDER BY 1, 2,"
            f" {', '.join(map(self._plain, self.order))}, 3"
        )

    def _add(self, row: str) -> str:
        values = ", ".join(self._value(row, name) for name in self.fields)
        columns = ", ".join(map(self._plain, self.fields))
        return (
            # Not `OR IGNORE`, over which the statement that set the trigger off has the last word.
            f"INSERT INTO {self.name} (collection, value, id, {columns})"  # noqa: S608 - names of ours
            f" SELECT DISTINCT {row}.collection, each.value, {row}.id, {values} FROM {self._each(row)} AS each"
            f" WHERE {self._listed(row)}"
        )

    def _drop(self) -> str:
        ordered = "".join(f" AND {self._plain(name)} IS {self._value('old', name)}" for name in self.order)
        return (
            f"DELETE FROM {self.name} WHERE collection = old.collection{ordered} AND id = old.id"  # noqa: S608 - as above
            f" AND value IN (SELECT value FROM {self._each('old')} AS each WHERE {self._listed('old')})"
        )

    def _each(self, row: str) -> str:
        return f"json_each({row}.data, '{json_path(self.contains)}')"

    def _listed(self, row: str) -> str:
        """Whether the value is a text that stands in a list: a lone text is one to SQLite, too."""
        return f"each.type = 'text' AND json_type({row}.data, '{json_path(self.contains)}') = 'array'"

    def _value(self, row: str, field: str) -> str:
        # A missing value gets a place, too: the document itself decides in the end.
        return f"ifnull({extract(field, row)}, x'')"

    def _plain(self, field: str) -> str:
        return "f_" + re.sub(r"\W", "_", field)


def indexes(shapes: Collection[Shape]) -> tuple[Index, ...]:
    """The indexes that serve all of the plain queries, each one needed."""
    wanted = {Index(s.collection, tuple(sorted(s.equal)), _order(s), s.group) for s in shapes if not s.contains}
    # An order alone needs none of Firestore's indexes, and one of ours.
    wanted |= {Index(one.collection, (), one.order, False) for one in wanted if one.order and not one.group}
    return tuple(sorted((one for one in wanted if not _covered(one, wanted)), key=lambda one: one.name))


def entries(shapes: Collection[Shape]) -> tuple[Entries, ...]:
    """The tables of entries that serve all of the queries that look into lists."""
    return tuple(
        _entries([shape for shape in shapes if (shape.collection, shape.contains) == one]) for one in _lists(shapes)
    )


def _lists(shapes: Collection[Shape]) -> Iterator[tuple[str, str]]:
    yield from sorted({(shape.collection, shape.contains) for shape in shapes if shape.contains})


def _entries(shapes: Collection[Shape]) -> Entries:
    longest = max((_order(shape) for shape in shapes), key=len)
    others = {name for shape in shapes for name in (*shape.equal, *_order(shape))} - set(longest)
    one = next(iter(shapes))
    return Entries(one.collection, one.contains, longest, tuple(sorted(others)))


def _order(shape: Shape) -> tuple[str, ...]:
    return (*(name for name, _ in shape.order), *sorted(shape.ranged))


def _covered(one: Index, wanted: Collection[Index]) -> bool:
    return any(
        other != one
        and (other.collection, other.equal, other.group) == (one.collection, one.equal, one.group)
        and other.order[: len(one.order)] == one.order
        for other in wanted
    )
