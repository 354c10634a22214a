"""SQLite's indexes for the declared kinds of queries: fewer than Firestore's, for one serves both directions.

What a collection is asked by is taken out of its documents into a table of plain columns, once per write, by triggers:
an index on expressions would read each document anew for every expression. Lists have a table with an entry per value,
in the order in which they are asked for. Which index a query uses is said in the query: a planner without statistics
guesses wrong. What these tables say chooses the documents; the documents themselves decide.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from common.domain.model import digest
from common.domain.queries import Shape
from common.platform.embedded.document_query import extract, json_path


@dataclass(frozen=True)
class Served:
    """How a query reads: what stands between FROM and its conditions, and where its fields are columns."""

    scope: str
    contains: bool
    tie: str
    fields: frozenset[str]
    plain: bool  # the fields are columns, not parts of the document

    def column(self, field: str) -> str:
        """The column of a field, or the expression that an index is on."""
        return f"listed.{_plain(field)}" if self.plain else extract(field)


@dataclass(frozen=True)
class Group:
    """An index over all collections of an id, on the expressions that it is asked by."""

    shape: Shape

    @property
    def name(self) -> str:
        """Its name in the file."""
        return "_".join(["documents_of_all", self.shape.collection, *map(_plain, self.shape.fields)])

    @property
    def statement(self) -> str:
        """What makes it."""
        keys = ", ".join([*map(extract, self.shape.fields), "path"])
        return f"CREATE INDEX IF NOT EXISTS {self.name} ON documents ({keys}) WHERE family = '{self.shape.collection}'"


@dataclass(frozen=True)
class Listing:
    """The columns of one collection id, their indexes, and the entries of its lists."""

    collection: str
    fields: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]  # of each index: the equal fields, then those of the order
    lists: tuple[tuple[str, tuple[str, ...]], ...]  # each list, and the order in which it is asked for

    @cached_property
    def name(self) -> str:
        """Its name in the file; another one for other fields, so that a change makes it anew."""
        return f"listed_{self.collection}_{digest([self.fields, self.keys, self.lists])[:6]}"

    def index(self, keys: tuple[str, ...]) -> str:
        """The name of an index."""
        return "_".join([self.name, "by", *map(_plain, keys)])

    def entries(self, contains: str) -> str:
        """The name of the table of a list's entries."""
        return f"{self.name}_in_{_plain(contains)}"

    def serve(self, shape: Shape) -> Served | None:
        """How such a query reads, if it is one of these."""
        asked = tuple(name for name, _ in shape.order)
        one_way = len({descending for _, descending in shape.order}) < 2
        if shape.collection != self.collection or shape.group or shape.ranged or not one_way:
            return None
        table = ""
        if shape.contains:
            for name, order in self.lists:
                if name == shape.contains and asked == order[: len(asked)] and shape.equal <= set(self.fields):
                    table = self.entries(name)
        else:
            wanted = (*sorted(shape.equal), *asked)
            for keys in self.keys:
                if asked and wanted == keys[: len(wanted)]:
                    table = f"{self.name} AS listed INDEXED BY {self.index(keys)}"
        if not table:
            return None
        # Each document through its row here: `CROSS` keeps SQLite from turning the two around.
        scope = (
            f"{table}{' AS listed' if shape.contains else ''} CROSS JOIN documents"
            " ON documents.path = listed.collection || '/' || listed.id WHERE listed.collection = ?"
        )
        return Served(scope, bool(shape.contains), "listed.id", frozenset(self.fields), True)

    @cached_property
    def statements(self) -> tuple[str, ...]:
        """What makes the tables, fills them from the documents that are there, and keeps them in step from then on."""
        return tuple(self._written())

    def _written(self) -> Iterator[str]:
        columns = "".join(f", {_plain(name)} NOT NULL" for name in self.fields)
        yield (
            f"CREATE TABLE {self.name} (collection TEXT NOT NULL, id TEXT NOT NULL{columns},"
            " PRIMARY KEY (collection, id)) WITHOUT ROWID"
        )
        ours = f"family = '{self.collection}'"
        yield f"{self._columns('documents')} FROM documents WHERE {ours} ORDER BY collection, id"
        for keys in self.keys:
            listed = ", ".join(["collection", *map(_plain, keys), "id"])
            yield f"CREATE INDEX {self.index(keys)} ON {self.name} ({listed})"
        for name, order in self.lists:
            ordered = ", ".join(map(_plain, order))
            yield (
                f"CREATE TABLE {self.entries(name)} (collection TEXT NOT NULL, value TEXT NOT NULL,"
                f" id TEXT NOT NULL{columns}, PRIMARY KEY (collection, value, {ordered}, id)) WITHOUT ROWID"
            )
            yield self.filling(name)
        adding = "; ".join([self._columns("new"), *(self._add(name) for name, _ in self.lists)])
        dropping = "; ".join([*(self._drop(*one) for one in self.lists), self._gone])
        paths = ", ".join(f"'{json_path(name)}'" for name in (*self.fields, *(name for name, _ in self.lists)))
        # Each document is read once for all its fields.
        changed = f"json_extract(old.data, {paths}) IS NOT json_extract(new.data, {paths})"
        yield f"CREATE TRIGGER {self.name}_made AFTER INSERT ON documents WHEN new.{ours} BEGIN {adding}; END"
        yield f"CREATE TRIGGER {self.name}_gone AFTER DELETE ON documents WHEN old.{ours} BEGIN {dropping}; END"
        yield (
            f"CREATE TRIGGER {self.name}_changed AFTER UPDATE ON documents WHEN new.{ours} AND {changed}"
            f" BEGIN {dropping}; {adding}; END"
        )

    def filling(self, contains: str) -> str:
        """The entries of all rows that are there, in the table's own order, which is the fast one."""
        order = dict(self.lists)[contains]
        return (
            f"{self._entered(contains, ' OR IGNORE', '')} FROM {self.name} AS listed CROSS JOIN documents"
            " ON documents.path = listed.collection || '/' || listed.id"
            f" CROSS JOIN {self._each('documents', contains)}"
            f" WHERE {self._is_entry('documents', contains)} ORDER BY 1, 2, {', '.join(map(_plain, order))}, 3"
        )

    def _columns(self, row: str) -> str:
        """Take the fields out of documents; a missing one gets a place, too."""
        names = "".join(f", {_plain(name)}" for name in self.fields)
        values = "".join(f", ifnull({extract(name, row)}, x'')" for name in self.fields)
        made = f"INSERT INTO {self.name} (collection, id{names}) SELECT"
        return f"{made} {row}.collection, {row}.id{values}"

    def _entered(self, contains: str, how: str = "", only: str = " DISTINCT") -> str:
        """A value may stand in a list twice. In a trigger, the statement that set it off decides about conflicts."""
        names = "".join(f", {_plain(name)}" for name in self.fields)
        made = f"INSERT{how} INTO {self.entries(contains)} (collection, value, id{names})"
        return f"{made} SELECT{only} listed.collection, each.value, listed.id{names}"

    def _add(self, contains: str) -> str:
        return (
            f"{self._entered(contains)} FROM {self.name} AS listed CROSS JOIN {self._each('new', contains)}"
            f" WHERE listed.collection = new.collection AND listed.id = new.id AND {self._is_entry('new', contains)}"
        )

    def _drop(self, contains: str, order: tuple[str, ...]) -> str:
        """Entries are found by the row they were made from: it is there until they are gone."""
        names = ", ".join(["value", *map(_plain, order), "id"])
        kept = ", ".join(["each.value", *(f"listed.{_plain(name)}" for name in order), "listed.id"])
        return (
            f"DELETE FROM {self.entries(contains)} WHERE collection = old.collection AND ({names}) IN"  # noqa: S608
            f" (SELECT {kept} FROM {self.name} AS listed CROSS JOIN {self._each('old', contains)}"
            f" WHERE listed.collection = old.collection AND listed.id = old.id AND {self._is_entry('old', contains)})"
        )

    @property
    def _gone(self) -> str:
        return f"DELETE FROM {self.name} WHERE collection = old.collection AND id = old.id"  # noqa: S608 - as above

    def _each(self, row: str, contains: str) -> str:
        return f"json_each({row}.data, '{json_path(contains)}') AS each"

    def _is_entry(self, row: str, contains: str) -> str:
        """Whether the value is a text that stands in a list: a lone text is one to SQLite, too."""
        return f"each.type = 'text' AND json_type({row}.data, '{json_path(contains)}') = 'array'"


@cache
def groups(shapes: frozenset[Shape]) -> tuple[Group, ...]:
    """The indexes over groups of collections."""
    return tuple(Group(shape) for shape in sorted(shapes, key=str) if shape.group)


@cache
def listings(shapes: frozenset[Shape]) -> tuple[Listing, ...]:
    """The tables that serve all of the other queries."""
    ours = [shape for shape in shapes if not shape.group]
    return tuple(
        _listing(name, [shape for shape in ours if shape.collection == name])
        for name in sorted({shape.collection for shape in ours})
    )


def _listing(collection: str, shapes: Collection[Shape]) -> Listing:
    fields = {name for shape in shapes for name in (*shape.equal, *_order(shape))}
    keys = {(*sorted(shape.equal), *_order(shape)) for shape in shapes if not shape.contains}
    # An order alone needs none of Firestore's indexes, and one of ours.
    keys |= {_order(shape) for shape in shapes if not shape.contains}
    needed = sorted(one for one in keys if not any(one == other[: len(one)] for other in keys - {one}))
    lists = sorted({shape.contains for shape in shapes if shape.contains})
    orders = [max((_order(shape) for shape in shapes if shape.contains == name), key=len) for name in lists]
    return Listing(collection, tuple(sorted(fields)), tuple(needed), tuple(zip(lists, orders, strict=True)))


def _order(shape: Shape) -> tuple[str, ...]:
    return tuple(name for name, _ in shape.order)


def _plain(field: str) -> str:
    return "f_" + re.sub(r"\W", "_", field)
