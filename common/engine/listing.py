"""Lists of pipelines: what a filter lets through, in an order, page by page.

The store answers by owner, status, date, cost and one word of a search, from an index made for it; the rest is decided
on the documents it finds. What one request reads, and searches through, is bounded: a page may come short, with a
cursor that goes on.
A cursor names a place in the order, not a number of rows: pipelines that come meanwhile move nobody else's place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from common.domain import filters
from common.domain.filters import Wanted, Within
from common.domain.pipeline import Pipeline
from common.domain.queries import COST, CREATED
from common.domain.search import Search, lined
from common.domain.stamp import stamp
from common.platform.documents import Document, Documents, Order, Where

MOST_READ = 1000  # documents that one request reads
MOST_SEARCHED = 1_000_000  # characters that one request looks for words in: a fifth of a second's work
_BATCH = 100

By = Literal["created_at", "cost"]
_FIELDS: dict[By, str] = {"created_at": CREATED, "cost": COST}


class InvalidOrder(ValueError):
    """A list cannot be ordered like this; the text says how it can."""


@dataclass(frozen=True)
class Ordering:
    """By what a list is ordered; the id breaks ties."""

    by: By = "created_at"
    descending: bool = True


@dataclass(frozen=True)
class Page:
    """Some pipelines, and the cursor behind them; None at the end."""

    pipelines: tuple[Pipeline, ...]
    after: list[Any] | None


NEWEST_FIRST = Ordering()


def ordering(text: str) -> Ordering:
    """What an `order_by` says: `created_at desc`; InvalidOrder."""
    words = text.split()
    if not words:
        return NEWEST_FIRST
    by = next((one for one in _FIELDS if one == words[0].lower()), None)
    if by is None or len(words) > 2 or (len(words) == 2 and words[1].lower() not in ("asc", "desc")):
        raise InvalidOrder(
            f"{text[:80]!r} is no order; write created_at or cost, with or without desc behind it, and nothing else."
        )
    return Ordering(by, words[-1].lower() == "desc")


def page(
    documents: Documents, wanted: Wanted, order: Ordering, *, size: int, after: Sequence[Any] | None = None
) -> Page:
    """At most `size` pipelines behind a cursor; InvalidOrder for a search in another order than newest first."""
    where = _where(wanted, order)
    if where is None:
        return Page((), None)
    keys = _keys(wanted, order)
    found: list[Pipeline] = []
    read = searched = 0
    while True:
        batch = documents.query("pipelines", where, keys, _BATCH, after)
        read += len(batch)
        for place, row in enumerate(batch, 1):
            after = [*(_at(row, key.field) for key in keys), row.id]
            searched += _length(row.data) if _searches(wanted) else 0
            if _fits(row.data, wanted):
                found.append(Pipeline.model_validate(row.data))
            if len(found) == size or searched >= MOST_SEARCHED:
                last = place == len(batch) < _BATCH
                return Page(tuple(found), None if last else list(after))
        if len(batch) < _BATCH:
            return Page(tuple(found), None)
        if read >= MOST_READ:
            return Page(tuple(found), list(after or ()))


def _where(wanted: Wanted, order: Ordering) -> list[Where] | None:
    """What the store is asked; None where nothing can be found."""
    if wanted.nothing:
        return None
    where = [Where("owner", "==", wanted.owner)] if wanted.owner is not None else []
    if wanted.status is not None:
        where.append(Where("status", "==", wanted.status))
    if looked := _searches(wanted):
        if order != NEWEST_FIRST:
            raise InvalidOrder("What is searched for comes newest first; leave order_by out, or the search.")
        token = max((one.token for one in looked), key=len)
        where.append(Where("words", "array_contains", token))
    return [*where, *_range(COST, wanted.cost), *_dates(wanted.created)]


def _keys(wanted: Wanted, order: Ordering) -> list[Order]:
    """The order, and behind it the field of the other range: the store needs it there."""
    ranged = {"created_at": wanted.created, "cost": wanted.cost}
    other: By = "cost" if order.by == "created_at" else "created_at"
    fields = [order.by, *([other] if ranged[other] != Within() else [])]
    return [Order(_FIELDS[one], order.descending) for one in fields]


def _searches(wanted: Wanted) -> tuple[Search, ...]:
    return (*wanted.title, *wanted.text)


def _range(field: str, within: Within) -> Iterator[Where]:
    if within.lowest is not None:
        yield Where(field, ">=", within.lowest)
    if within.highest is not None:
        yield Where(field, "<=", within.highest)


def _dates(within: Within) -> Iterator[Where]:
    """The range as stored text; what lies outside of the calendar bounds nothing, or lets nothing through."""
    for end in _range(CREATED, within):
        yield Where(end.field, end.op, stamp(filters.moment(end.value)))


def _fits(data: dict[str, Any], wanted: Wanted) -> bool:
    """What the store was not asked."""
    if wanted.preset not in (None, data["preset"]):
        return False
    if not _searches(wanted):
        return True
    title = lined(data["title"])
    if not all(one.found_in(title) for one in wanted.title):
        return False
    text = title + lined(_content(data)) if wanted.text else ""
    return all(one.found_in(text) for one in wanted.text)


def _length(data: dict[str, Any]) -> int:
    return len(data["title"]) + len(_content(data))


def _content(data: dict[str, Any]) -> str:
    return str(data["request"].get("content", ""))


def _at(row: Document, field: str) -> Any:
    return row.data["created_at"] if field == CREATED else row.data["cost"]["spent"]
