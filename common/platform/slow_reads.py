"""Reads of the store that take long are logged, with what they asked for and without whose or what it was."""

import functools
import logging
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, ParamSpec, TypeVar

SLOW_SECONDS = 0.1

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


def logged_when_slow(read: Callable[P, T]) -> Callable[P, T]:
    """A method of a store's adapter whose first argument is a path or a collection, measured."""

    @functools.wraps(read)
    def measured(*args: P.args, **kwargs: P.kwargs) -> T:
        began = perf_counter()
        try:
            return read(*args, **kwargs)
        finally:
            if (took := perf_counter() - began) > SLOW_SECONDS:
                log.warning("slow read", extra={"seconds": round(took, 3), **asked(read.__name__, args[1:], kwargs)})

    return measured


def asked(name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """What a read asked for: method, collection, and the fields of its filters and order."""
    given = dict(zip(("path", "where", "order", "limit"), args, strict=False)) | kwargs
    target = next((given[key] for key in ("path", "paths", "collection", "collection_id") if key in given), "")
    places = [target] if isinstance(target, str) else target
    found: dict[str, Any] = {"read": name, "collection": ", ".join(dict.fromkeys(map(_anonymous, places)))}
    if filters := [f"{where.field} {where.op}" for where in given.get("where") or ()]:
        found["filters"] = filters
    if order := [f"{key.field}{' desc' if key.descending else ''}" for key in given.get("order") or ()]:
        found["order"] = order
    if given.get("limit") is not None:
        found["limit"] = given["limit"]
    return found


def _anonymous(path: str) -> str:
    """The path without ids, which are nobody's to read: collections and they take turns."""
    return "/".join("*" if place % 2 else part for place, part in enumerate(path.split("/")))
