"""What is too much for one sweep: a bounded part of it, and the next sweep goes on where this one stopped.

So nobody can fill a sweep, however much waits, and nothing that waits is passed over for good.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from common.engine.context import Context
from common.platform.documents import Conflict, Document, Order, Put, Unavailable, Where

PAGE = 100  # rows in memory at a time
MOST = 1000  # rows of one kind that one sweep looks at
LONG = timedelta(seconds=7)  # for rows of one kind; a sweep has a minute for all of them

_Place = list[Any]  # of a row: a cursor behind it


def going_round(
    context: Context,
    name: str,
    collection: str,
    where: Sequence[Where] = (),
    order: Sequence[Order] = (),
    *,
    group: bool = False,
) -> Iterator[Document]:
    """Rows of a query, each once, from where the round of that name stopped: at least one, MOST or those of LONG.

    Where all of them are fewer, every sweep sees all. Rows are read while they are worked on, a page at a time. With
    `group` they are those of all collections of that id.
    """
    path = f"rounds/{name}"
    kept = context.documents.get(path)
    begun: _Place | None = kept.data["after"] if kept else None
    query = context.documents.query_group if group else context.documents.query
    until = context.clock.now() + LONG
    stopped: _Place | None = None
    seen = set[str]()

    def place(row: Document) -> _Place:
        return [*(row.data[key.field] for key in order), row.path if group else row.id]

    for row in _circle(lambda after: query(collection, where, order, PAGE, after), place, begun):
        if row.path in seen:
            break  # all the way round
        seen.add(row.path)
        yield row
        if len(seen) == MOST or context.clock.now() >= until:
            stopped = place(row)
            break
    if stopped != begun:
        with contextlib.suppress(Conflict, Unavailable):  # then the next one looks at the same rows again
            context.documents.commit([Put(path, {"after": stopped})])


def _circle(
    ask: Callable[[_Place | None], list[Document]], place: Callable[[Document], _Place], begun: _Place | None
) -> Iterator[Document]:
    """Every row from a place to the end, then from the start."""
    for after in (begun, None) if begun else (None,):
        page = ask(after)
        while page:
            yield from page
            page = ask(place(page[-1])) if len(page) == PAGE else []
