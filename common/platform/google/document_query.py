"""Filters, order and cursor of a document query as Firestore's protobuf; the query has passed `check_query`."""

from collections.abc import Sequence
from typing import Any

from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.field_path import FieldPath

from common.platform.document_rules import field_parts
from common.platform.documents import Order, Where
from common.platform.google.values import key_of, value_of

_Query = types.StructuredQuery.pb()
_Filter = types.StructuredQuery.Filter.pb()

_ASCENDING = types.StructuredQuery.Direction.ASCENDING
_DESCENDING = types.StructuredQuery.Direction.DESCENDING
_Operator = types.StructuredQuery.FieldFilter.Operator
_OPERATORS = {
    "==": _Operator.EQUAL,
    ">": _Operator.GREATER_THAN,
    ">=": _Operator.GREATER_THAN_OR_EQUAL,
    "<": _Operator.LESS_THAN,
    "<=": _Operator.LESS_THAN_OR_EQUAL,
    "in": _Operator.IN,
    "array_contains": _Operator.ARRAY_CONTAINS,
}


def selection(
    collection_id: str,
    where: Sequence[Where],
    order: Sequence[Order] = (),
    limit: int | None = None,
    after: Sequence[Any] | None = None,
    *,
    group: bool = False,
) -> Any:
    """The documents of a collection, or of a group of them. `after` ends with the full name of the last document."""
    query = _Query()
    query.from_.add(collection_id=collection_id, all_descendants=group)
    filters = [_filter(one) for one in where]
    if len(filters) == 1:
        query.where.CopyFrom(filters[0])
    elif filters:
        query.where.composite_filter.op = types.StructuredQuery.CompositeFilter.Operator.AND
        query.where.composite_filter.filters.extend(filters)
    keys = [(_field(one.field), one.descending) for one in order]
    if after is not None:
        # Firestore breaks ties by name, in the last key's direction, also when it is not told; a cursor needs the key.
        keys.append(("__name__", bool(order) and order[-1].descending))
        query.start_at.values.extend(value_of(value) for value in after[:-1])
        query.start_at.values.add(reference_value=after[-1])
    for name, descending in keys:
        query.order_by.add(direction=_DESCENDING if descending else _ASCENDING).field.field_path = name
    if limit is not None:
        query.limit.value = limit
    return query


def _filter(where: Where) -> Any:
    made = _Filter()
    if where.value is None:
        made.unary_filter.op = types.StructuredQuery.UnaryFilter.Operator.IS_NULL
        made.unary_filter.field.field_path = _field(where.field)
    else:
        made.field_filter.op = _OPERATORS[where.op]
        made.field_filter.field.field_path = _field(where.field)
        made.field_filter.value.CopyFrom(value_of(where.value))
    return made


def _field(name: str) -> str:
    return FieldPath(*map(key_of, field_parts(name))).to_api_repr()
