"""GET /pipelines: the caller's pipelines, or everybody's for an admin, by filter, search and order."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import Field

from common.domain import filters
from common.domain.access import allowed
from common.domain.filters import InvalidFilter, Wanted
from common.domain.model import Model
from common.engine import listing
from common.engine.listing import InvalidOrder
from common.http import paging
from common.http.call import Answer, Call, Empty
from common.http.paging import Paged, Pages
from common.http.pipelines import VIEW_EXAMPLE, PipelineView, view
from common.http.problem import Fault, Problem


class Asked(Paged):
    """Which pipelines, in which order."""

    filter: str = Field(
        default="",
        max_length=filters.MOST_CHARACTERS,
        description="Terms that must all hold, joined by commas: `status:completed,date:>2026-02-01,cost:<100`. "
        f"Fields: {', '.join(filters.FIELDS)}. Operators: `:` or `=`, and `>`, `<`, `>=`, `<=` for date (a day in UTC, "
        "as a whole, or a moment) and cost (US dollars spent). A value with a comma stands in double quotes.",
    )
    search: str = Field(
        default="",
        max_length=200,
        description="Words that must all be in the title or the content. One of four letters or more also finds longer "
        "words that begin with it; case and accents do not count. Answers come newest first.",
    )
    order_by: str = Field(
        default="",
        max_length=100,
        description="`created_at` or `cost`, with ` desc` for the newest or highest first. Default: `created_at desc`.",
    )


class Listed(PipelineView):
    """A pipeline in a list."""

    owner: str = Field(description="Whose it is.")
    created_at: datetime = Field(description="When it was accepted, in UTC.")
    updated_at: datetime = Field(description="When anything about it changed last.")


class Listing(Model):
    """A page of pipelines."""

    pipelines: tuple[Listed, ...] = Field(description="May be fewer than asked for, or none, before the end.")
    next_page_token: str = Field(description="Send it as page_token for the next page; empty at the end.")


Query = Asked
Reply = Listing
PROBLEMS = ("invalid_filter", "invalid_order_by", "invalid_page_token")
REPLY_EXAMPLE: dict[str, Any] = {
    "pipelines": [
        {
            **VIEW_EXAMPLE,
            "owner": "user-1",
            "created_at": "2026-03-01T09:30:00Z",
            "updated_at": "2026-03-01T09:30:21Z",
        }
    ],
    "next_page_token": "",
}


def handle(call: Call[Empty]) -> Answer:
    """A page of what the filter lets through of what the caller may see."""
    asked: Asked = call.query
    scope = {"filter": asked.filter, "search": asked.search, "order_by": asked.order_by}
    pages = Pages(call.context, call.caller.id, "pipelines", scope)
    try:
        wanted = _own(call, _wanted(asked))
        order = listing.ordering(asked.order_by)
        after = pages.after(asked)
        page = listing.page(call.context.documents, wanted, order, size=paging.size(asked), after=after)
    except InvalidOrder as refused:
        text = str(refused)
        raise Problem(400, "invalid_order_by", text, faults=[Fault("#/order_by", text)]) from None
    listed = tuple(
        Listed(
            **dict(view(call.context, pipeline)),
            owner=pipeline.owner,
            created_at=pipeline.created_at,
            updated_at=pipeline.updated_at,
        )
        for pipeline in page.pipelines
    )
    return Answer(body=Listing(pipelines=listed, next_page_token=pages.token(page.after)))


def _wanted(asked: Asked) -> Wanted:
    try:
        found = filters.wanted(filters.parse(asked.filter))
    except InvalidFilter as refused:
        raise _refused("filter", refused) from None
    if not asked.search.strip():
        return found
    try:
        return filters.searched(found, "search", asked.search)
    except InvalidFilter as refused:
        raise _refused("search", refused) from None


def _refused(parameter: str, refused: InvalidFilter) -> Problem:
    return Problem(400, "invalid_filter", str(refused), faults=[Fault(f"#/{parameter}", str(refused))])


def _own(call: Call[Empty], wanted: Wanted) -> Wanted:
    """What the caller may see of it."""
    if allowed(call.caller.role, "read", own=False):
        return wanted
    foreign = wanted.owner not in (None, call.caller.id)
    return replace(wanted, owner=call.caller.id, nothing=wanted.nothing or foreign)
