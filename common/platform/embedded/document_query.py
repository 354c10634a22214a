"""Filters, order and cursor of a document query as one SQL condition.

Field names become part of the SQL text (only then can SQLite use an index on the expression), so they are checked
against a strict pattern first; values are always bound. The query as a whole has passed `check_query`.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.platform.document_rules import field_parts
from common.platform.documents import Order, Where

_COMPARISONS = {"==": "=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}


@dataclass
class Sql:
    """A piece of SQL and the values bound to its question marks."""

    text: str
    values: list[Any] = field(default_factory=list)


def json_path(name: str) -> str:
    """The JSON path of a dotted field, `cost.spent` -> `$."cost"."spent"`; ValueError for anything else."""
    return "$" + "".join(f'."{part}"' for part in field_parts(name))


def extract(name: str, row: str = "") -> str:
    """The SQL expression of a field's value; `row` is `new` or `old` in a trigger."""
    return f"json_extract({row and f'{row}.'}data, '{json_path(name)}')"


def type_of(name: str) -> str:
    """The SQL expression of a field's JSON type; NULL when the field is missing."""
    return f"json_type(data, '{json_path(name)}')"


def condition(where: Sequence[Where], plus: str = "") -> Sql:
    """All filters joined by AND; `1` without any. With a `plus`, SQLite looks for no index to answer them."""
    parts = [_filter(one, plus) for one in where]
    return Sql(" AND ".join(part.text for part in parts) or "1", [value for part in parts for value in part.values])


def selection(
    where: Sequence[Where],
    order: Sequence[Order],
    after: Sequence[Any] | None,
    limit: int | None,
    tie: str,
    column: Callable[[str], str] = extract,
    indexed: Collection[str] = (),
) -> Sql:
    """The part of a SELECT after its scope: filters, cursor, ORDER BY and LIMIT. `tie` is the tie-breaking column.

    `column` is where a field of an index is read, and `indexed` are the fields that it has, which are never null there:
    what they say about a document is compared first, and the cursor is also a plain bound, at which SQLite begins.
    """
    matches = condition(where, "+" if indexed else "")
    # Firestore leaves out documents that lack a field they would be ordered by.
    present = [f"{type_of(one.field)} IS NOT NULL" for one in order]
    keys = [(column(one.field), one.descending) for one in order]
    keys.append((tie, bool(order) and order[-1].descending))
    bounds = _bounds(where, order, after, column, indexed) if indexed else Sql("1")
    rest = Sql("1")
    if after is not None:
        rest = _beyond(keys, after)
    # What an index holds is compared first, so that only documents that pass it are read.
    text = " AND ".join([bounds.text, f"({rest.text})", matches.text, *present])
    values = [*bounds.values, *rest.values, *matches.values]
    text += " ORDER BY " + ", ".join(f"{key} {'DESC' if descending else 'ASC'}" for key, descending in keys)
    if limit is not None:
        text, values = f"{text} LIMIT ?", [*values, limit]
    return Sql(text, values)


def _bounds(
    where: Sequence[Where],
    order: Sequence[Order],
    after: Sequence[Any] | None,
    column: Callable[[str], str],
    indexed: Collection[str],
) -> Sql:
    """The comparisons that an index answers; where the cursor bounds the first key, it alone is where to begin."""
    parts: list[str] = []
    values: list[Any] = []
    begun = ""
    if order and after is not None:
        descending = order[0].descending
        begun = "<" if descending else ">"
        parts.append(f"{column(order[0].field)} {begun}= ?")
        values.append(after[0])
    for one in where:
        if one.field in indexed and one.op in _COMPARISONS and one.value is not None:
            passed = bool(begun) and one.field == order[0].field and one.op.startswith(begun)
            parts.append(f"{'+' if passed else ''}{column(one.field)} {_COMPARISONS[one.op]} ?")
            values.append(_kind(one.value)[1])
    return Sql(" AND ".join(parts) or "1", values)


def _filter(where: Where, plus: str) -> Sql:
    if where.op == "array_contains":
        kind, value = _kind(where.value)
        return Sql(
            f"({type_of(where.field)} = 'array' AND EXISTS (SELECT 1 FROM "  # noqa: S608 - the field was checked
            f"json_each(data, '{json_path(where.field)}') WHERE value = ? AND type IN ({kind})))",
            [value],
        )
    if where.op == "in":
        return _any_of(where.field, where.value, plus)
    if where.value is None:
        return Sql(f"{type_of(where.field)} = 'null'")
    kind, value = _kind(where.value)
    # The type is part of the comparison: 1, true and "1" are three values, and numbers do not sort before texts.
    compared = f"{plus}{extract(where.field)} {_COMPARISONS[where.op]} ?"
    return Sql(f"({compared} AND {type_of(where.field)} IN ({kind}))", [value])


def _any_of(name: str, options: Sequence[Any], plus: str) -> Sql:
    groups: dict[str, list[Any]] = {}
    for option in options:
        kind, value = _kind(option)
        groups.setdefault(kind, []).append(value)
    parts = [
        f"({plus}{extract(name)} IN ({', '.join('?' * len(group))}) AND {type_of(name)} IN ({kind}))"
        for kind, group in groups.items()
    ]
    return Sql(f"({' OR '.join(parts)})", [value for group in groups.values() for value in group])


def _kind(value: Any) -> tuple[str, Any]:
    """The JSON types a filter value may equal, as an SQL list, and the value as SQLite sees it."""
    if isinstance(value, bool):
        return ("'true'" if value else "'false'"), int(value)
    return ("'text'" if isinstance(value, str) else "'integer', 'real'"), value


def _beyond(keys: Sequence[tuple[str, bool]], after: Sequence[Any]) -> Sql:
    """The rows after a cursor: `(a, b) > (x, y)`, spelled out because directions may differ and values may be null."""
    parts: list[str] = []
    values: list[Any] = []
    for last, (key, descending) in enumerate(keys):
        step = _past(key, descending, after[last])
        equal = [f"{same} IS ?" for same, _ in keys[:last]]
        parts.append("(" + " AND ".join([*equal, step.text]) + ")")
        values += [*after[:last], *step.values]
    return Sql(" OR ".join(parts), values)


def _past(key: str, descending: bool, value: Any) -> Sql:
    # Null sorts before everything else, as in Firestore.
    if value is None:
        return Sql("0") if descending else Sql(f"{key} IS NOT NULL")
    return Sql(f"({key} < ? OR {key} IS NULL)", [value]) if descending else Sql(f"{key} > ?", [value])
