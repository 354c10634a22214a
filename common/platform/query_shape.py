"""What kind of query it is, and whether the indexes that it needs are declared."""

from collections.abc import Collection, Sequence

from common.domain.queries import Shape
from common.platform.documents import Order, Where

_RANGES = {">", ">=", "<", "<="}


def shape_of(
    collection: str, where: Sequence[Where] = (), order: Sequence[Order] = (), *, group: bool = False
) -> Shape:
    """The kind of a query; equal ones need the same index."""
    keys = tuple((one.field, one.descending) for one in order)
    ranged = {one.field for one in where if one.op in _RANGES}
    listed = [one.field for one in where if one.op == "array_contains"]
    return Shape(
        collection.rsplit("/", 1)[-1],
        frozenset(one.field for one in where if one.op in ("==", "in")),
        listed[0] if listed else "",
        frozenset(ranged - {name for name, _ in keys}),
        keys,
        group,
    )


def check_declared(shape: Shape, declared: Collection[Shape]) -> None:
    """ValueError for a query that production would refuse because nobody made its index."""
    if shape.needs_index and shape not in declared:
        order = ", ".join(f"{name}{' descending' if descending else ''}" for name, descending in shape.order)
        raise ValueError(
            f"No index serves the query of {shape.collection} by {', '.join(shape.fields)}"
            f"{f' in the order {order}' if order else ''}; declare it in common/domain/queries.py: {shape}"
        )
