"""GET /api-keys: which API keys there are, and how they stand."""

from typing import Any

from pydantic import Field

from common.domain.model import Model
from common.http import paging
from common.http.audited import note
from common.http.call import Answer, Call, Empty
from common.http.keys import VIEW_EXAMPLE, KeyView, view
from common.http.paging import Paged, Pages
from common.identity import api_keys


class Asked(Paged):
    """Whose keys."""

    owner: str | None = Field(default=None, max_length=128, description="Keys that stand for this user or service.")
    service: str | None = Field(default=None, max_length=40, description="Keys that are rotated for this service.")


class Keys(Model):
    """A page of API keys."""

    api_keys: tuple[KeyView, ...] = Field(description="Newest first; ended ones stay for 90 days.")
    next_page_token: str = Field(description="Send it as page_token for the next page; empty at the end.")


Query = Asked
Reply = Keys
PROBLEMS = ("invalid_page_token",)
REPLY_EXAMPLE: dict[str, Any] = {"api_keys": [VIEW_EXAMPLE], "next_page_token": ""}


def handle(call: Call[Empty]) -> Answer:
    """A page of keys, without anything that opens a door."""
    asked: Asked = call.query
    scope = {"owner": asked.owner, "service": asked.service}
    pages, size = Pages(call.context, call.caller.id, "api_keys", scope), paging.size(asked)
    after = pages.after(asked)
    rows = api_keys.listed(call.context, owner=asked.owner, service=asked.service, limit=size + 1, after=after)
    shown = rows[:size]
    end = [shown[-1].data["created_at"], shown[-1].id] if len(rows) > size else None
    note(call, "API_KEY_LISTED", actor=call.caller.id, subject=asked.owner or asked.service or "", rows=len(shown))
    views = tuple(view(api_keys.parsed(row.data), row.read_at) for row in shown)
    return Answer(body=Keys(api_keys=views, next_page_token=pages.token(end)))
