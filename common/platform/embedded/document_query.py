"""Filters, order and cursor of a document query as one SQL condition.

Field names become part of the SQL text (only then can SQLite use an index on the expression), so they are checked
against a strict pattern first; values are always bound.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from common.platform.documents import Order, Where

MAX_IN = 30  # as in Firestore

_FIELD = re.compile(r"[A-Za-z0-9_-]{1,100}(\.[A-Za-z0-9_-]{1,100}){0,9}")
_COMPARISONS = {"==": "=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}


@dataclass
class Sql:
    """A piece of SQL and the values bound to its question marks."""

    text: str
    values: list[Any] = field(default_factory=list)


def json_path(name: str) -> str:
    """The JSON path of a dotted field, `cost.spent` -> `$."cost"."spent"`; ValueError for anything else."""
    if not _FIELD.fullmatch(name):
        raise ValueError(f"the field {name!r} cannot be queried: use letters, digits, _ and -, joined by dots")
    return "$" + "".join(f'."{part}"' for part in name.split("."))


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
        if limit < 0:
            raise ValueError(f"a query cannot return {limit} documents: the limit must be 0 or more")
        text, values = f"{text} LIMIT ?", [*values, limit]
    return Sql(text, values)


def _filter(where: Where) -> Sql:
    if where.op == "array_contains":
        kind, value = _kind(where.value)
        same = "value IS NULL" if value is None else "value = ?"
        return Sql(
            f"({type_of(where.field)} = 'array' AND EXISTS (SELECT 1 FROM "  # noqa: S608 - the field was checked
            f"json_each(data, '{json_path(where.field)}') WHERE {same} AND type IN ({kind})))",
            [] if value is None else [value],
        )
    if where.op == "in":
        return _any_of(where.field, where.value)
    if where.op not in _COMPARISONS:
        raise ValueError(f"the filter operator {where.op!r} is unknown")
    kind, value = _kind(where.value)
    if value is None or isinstance(where.value, bool):
        if where.op != "==":
            raise ValueError(f"the field {where.field!r} can only be compared with {where.value!r} by ==")
        return Sql(f"{type_of(where.field)} IN ({kind})")
    # The type is part of the comparison: 1, true and "1" are three values, and numbers do not sort before texts.
    return Sql(f"({extract(where.field)} {_COMPARISONS[where.op]} ? AND {type_of(where.field)} IN ({kind}))", [value])


def _any_of(name: str, options: Any) -> Sql:
    if not isinstance(options, Sequence) or isinstance(options, str) or not 1 <= len(options) <= MAX_IN:
        raise ValueError(f"the filter 'in' on {name!r} takes a list of 1 to {MAX_IN} values")
    groups: dict[str, list[Any]] = {}
    for option in options:
        kind, value = _kind(option)
        groups.setdefault(kind, []).append(value)
    parts: list[str] = []
    values: list[Any] = []
    for kind, group in groups.items():
        if group[0] is None:
            parts.append(f"{type_of(name)} = 'null'")
        else:
            parts.append(f"({extract(name)} IN ({', '.join('?' * len(group))}) AND {type_of(name)} IN ({kind}))")
            values += group
    return Sql(f"({' OR '.join(parts)})", values)


def _kind(value: Any) -> tuple[str, Any]:
    """The JSON types a filter value may equal, as an SQL list, and the value as SQLite sees it."""
    if value is None:
        return "'null'", None
    if isinstance(value, bool):
        return ("'true'" if value else "'false'"), int(value)
    if isinstance(value, int | float):
        return "'integer', 'real'", value
    if isinstance(value, str):
        return "'text'", value
    raise ValueError(f"a filter compares with text, numbers, true, false or null, not with {type(value).__name__}")


def _beyond(keys: Sequence[tuple[str, bool]], after: Sequence[Any]) -> Sql:
    """The rows after a cursor: `(a, b) > (x, y)`, spelled out because directions may differ and values may be null."""
    if len(after) != len(keys):
        raise ValueError(f"the cursor needs {len(keys)} values (the order's and the id), not {len(after)}")
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
