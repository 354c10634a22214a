"""What every document store refuses: paths, values and queries that production could not keep or answer.

The limits are Firestore's, so that what is too large or malformed for production is refused on a laptop, too.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from common.platform.documents import Data, Operator, Order, Where

MAX_BYTES = 1_000_000  # a little under 1 MiB, for an adapter may add some bytes of its own
MAX_DEPTH = 20
MAX_IN = 30
MAX_NAME_BYTES = 1500
MAX_INT = 2**63 - 1

_FIELD = re.compile(r"[A-Za-z0-9_-]{1,100}(\.[A-Za-z0-9_-]{1,100}){0,9}")
_RESERVED = re.compile(r"__.*__", re.DOTALL)
_RANGES = {">", ">=", "<", "<="}


def check_document(path: str) -> None:
    """ValueError unless the path names a document."""
    parts = path.split("/")
    if len(parts) % 2 or not _plain(parts):
        raise ValueError(f"{path!r} is no document path: it alternates collection and id, as in 'pipelines/p1'")


def check_collection(path: str) -> None:
    """ValueError unless the path names a collection."""
    parts = path.split("/")
    if len(parts) % 2 == 0 or not _plain(parts):
        raise ValueError(f"{path!r} is no collection path: it ends with a collection, as in 'pipelines/p1/steps'")


def check_group(collection_id: str) -> None:
    """ValueError unless the text names a group of collections."""
    if "/" in collection_id or not _plain([collection_id]):
        raise ValueError(f"{collection_id!r} is a path; a group is named by one collection id, such as 'steps'")


def check_data(path: str, data: Data) -> None:
    """ValueError, naming the document, for a value that no store keeps as it is."""
    try:
        size = sum(len(part.encode()) + 1 for part in path.split("/")) + 48 + _map_size(data, 0)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} cannot be stored: {error}") from None
    if size > MAX_BYTES:
        raise ValueError(f"{path} has {size} bytes, over the limit of {MAX_BYTES}: keep large values in objects")


def field_parts(name: str) -> list[str]:
    """The keys of a dotted field, `cost.spent` -> cost, spent; ValueError for a field that no query may name."""
    if not _FIELD.fullmatch(name):
        raise ValueError(f"the field {name!r} cannot be queried: use letters, digits, _ and -, joined by dots")
    return name.split(".")


def check_query(
    where: Sequence[Where], order: Sequence[Order] = (), limit: int | None = None, after: Sequence[Any] | None = None
) -> None:
    """ValueError for filters, an order, a limit or a cursor that no store can answer."""
    for one in where:
        _check_filter(one)
    for key in order:
        field_parts(key.field)
    if limit is not None and limit < 0:
        raise ValueError(f"a query cannot return {limit} documents: the limit must be 0 or more")
    if after is not None and len(after) != len(order) + 1:
        raise ValueError(f"the cursor needs {len(order) + 1} values (the order's and the id), not {len(after)}")
    if limit is not None or after is not None:
        ordered = {key.field for key in order}
        for one in where:
            # Firestore would add the field to the order behind the name, and so to the index and to the cursor.
            if one.op in _RANGES and one.field not in ordered:
                raise ValueError(f"pages of a filter with {one.op} need an order; order by the field {one.field!r}")


def _check_filter(where: Where) -> None:
    field_parts(where.field)
    if where.op not in get_args(Operator):
        raise ValueError(f"the filter operator {where.op!r} is unknown")
    if where.op == "in":
        options = where.value
        if not isinstance(options, Sequence) or isinstance(options, str) or not 1 <= len(options) <= MAX_IN:
            raise ValueError(f"the filter 'in' on {where.field!r} takes a list of 1 to {MAX_IN} values")
        for option in options:
            if option is None:
                raise ValueError(f"the filter 'in' on {where.field!r} cannot look for null; ask for it with ==")
            _check_operand(option)
        return
    _check_operand(where.value)
    if (where.op in _RANGES and isinstance(where.value, bool)) or (where.op != "==" and where.value is None):
        raise ValueError(f"the field {where.field!r} can only be compared with {where.value!r} by ==")


def _check_operand(value: Any) -> None:
    if value is not None and not isinstance(value, str | int | float):
        raise ValueError(f"a filter compares with text, numbers, true, false or null, not with {type(value).__name__}")


def _plain(parts: Sequence[str]) -> bool:
    return all(
        part
        and part not in {".", ".."}
        and part.isprintable()
        and len(part.encode()) <= MAX_NAME_BYTES
        and not _RESERVED.fullmatch(part)
        for part in parts
    )


def _map_size(fields: Mapping[str, Any], depth: int) -> int:
    size = 0
    for key, value in fields.items():
        if not isinstance(key, str):
            raise TypeError(f"the key {key!r} is no text")
        length = len(key.encode())
        if length > MAX_NAME_BYTES:
            raise ValueError(f"the key {key[:40]!r}… has {length} bytes, over the limit of {MAX_NAME_BYTES}")
        size += length + 1 + _size(value, depth + 1)
    return size


def _size(value: Any, depth: int) -> int:
    """Bytes as Firestore counts them."""
    if isinstance(value, str):
        return len(value.encode()) + 1
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, int):
        if not -MAX_INT - 1 <= value <= MAX_INT:
            raise ValueError(f"{value} has more than 64 bits")
        return 8
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no number")
        return 8
    if depth > MAX_DEPTH:
        raise ValueError(f"its values are nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, dict):
        return 32 + _map_size(value, depth)
    if isinstance(value, list | tuple):
        return sum(_item_size(one, depth + 1) for one in value)
    raise TypeError(f"values of the type {type(value).__name__} cannot be stored")


def _item_size(value: Any, depth: int) -> int:
    # Firestore keeps no list in a list but in a map in a list.
    return 35 + _size(value, depth + 1) if isinstance(value, list | tuple) else _size(value, depth)
