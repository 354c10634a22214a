"""Filters, order and cursor of a document query as one SQL condition.

Field names become part of the SQL text (only then can SQLite use an index on the expression), so they are checked
against a strict pattern first; values are always bound. The query as a whole has passed `check_query`.
"""

from collections.abc import Sequence
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


def extract(name: str) -> str:
    """The SQL expression of a field's value."""
    return f"json_extract(data, '{json_path(name)}')"


def type_of(name: str) -> str:
    """The SQL expression of a field's JSON type; NULL when the field is missing."""
    return f"json_type(data, '{json_path(name)}')"


def condition(where: Sequence[Where]) -> Sql:
    """All filters joined by AND; `1` without any."""
    parts = [_filter(one) for one in where]
    return Sql(" AND ".join(part.text for part in parts) or "1", [value for part in parts for value in part.values])


def selection(
    where: Sequence[Where], order: Sequence[Order], after: Sequence[Any] | None, limit: int | None, tie: str
) -> Sql:
    """The part of a SELECT after its scope: filters, cursor, ORDER BY and LIMIT. `tie` is the tie-breaking column."""
    matches = condition(where)
    # Firestore leaves out documents that lack a field they would be ordered by.
    present = [f"{type_of(one.field)} IS NOT NULL" for one in order]
    text, values = " AND ".join([matches.text, *present]), matches.values
    keys = [(extract(one.field), one.descending) for one in order]
    keys.append((tie, bool(order) and order[-1].descending))
    if after is not None:
        cursor = _beyond(keys, after)
        text, values = f"{text} AND ({cursor.text})", values + cursor.values
    text += " ORDER BY " + ", ".join(f"{key} {'DESC' if descending else 'ASC'}" for key, descending in keys)
    if limit is not None:
        text, values = f"{text} LIMIT ?", [*values, limit]
    return Sql(text, values)


def _filter(where: Where) -> Sql:
    if where.op == "array_contains":
        kind, value = _kind(where.value)
        return Sql(
            f"({type_of(where.field)} = 'array' AND EXISTS (SELECT 1 FROM "  # noqa: S608 - the field was checked
            f"json_each(data, '{json_path(where.field)}') WHERE value = ? AND type IN ({kind})))",
            [value],
        )
    if where.op == "in":
        return _any_of(where.field, where.value)
    if where.value is None:
        return Sql(f"{type_of(where.field)} = 'null'")
    kind, value = _kind(where.value)
    # The type is part of the comparison: 1, true and "1" are three values, and numbers do not sort before texts.
    return Sql(f"({extract(where.field)} {_COMPARISONS[where.op]} ? AND {type_of(where.field)} IN ({kind}))", [value])


def _any_of(name: str, options: Sequence[Any]) -> Sql:
    groups: dict[str, list[Any]] = {}
    for option in options:
        kind, value = _kind(option)
        groups.setdefault(kind, []).append(value)
    parts = [
        f"({extract(name)} IN ({', '.join('?' * len(group))}) AND {type_of(name)} IN ({kind}))"
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
