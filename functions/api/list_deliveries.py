"""GET /webhooks/{id}/deliveries: the messages of a webhook, and how they fared."""

from pydantic import Field

from common.domain.model import Model
from common.domain.webhooks import Delivery
from common.http import paging
from common.http.call import Answer, Call, Empty
from common.http.paging import Paged, Pages
from common.http.webhooks import DELIVERY_EXAMPLE, DeliveryView, delivery_view, visible
from common.platform.documents import Order

NEWEST_FIRST = (Order("created_at", descending=True),)


class Deliveries(Model):
    """A page of messages."""

    deliveries: list[DeliveryView] = Field(description="Newest first; of the last 30 days.")
    next_page_token: str = Field(description="page_token of the next page; empty at the end.")


Query = Paged
Reply = Deliveries
PROBLEMS = ("not_found", "invalid_page_token")
REPLY_EXAMPLE = {"deliveries": [DELIVERY_EXAMPLE], "next_page_token": ""}


def handle(call: Call[Empty]) -> Answer:
    """The log of a webhook: every message with every attempt to send it."""
    hook, asked = visible(call, "read"), call.query
    pages = Pages(call.context, call.caller.id, "deliveries", {"webhook": hook.id})
    most = paging.size(asked)
    rows = call.context.documents.query(
        f"webhooks/{hook.id}/deliveries", order=NEWEST_FIRST, limit=most + 1, after=pages.after(asked)
    )
    shown = rows[:most]
    after = [shown[-1].data["created_at"], shown[-1].id] if len(rows) > most else None
    views = [delivery_view(Delivery.model_validate(row.data)) for row in shown]
    return Answer(body=Deliveries(deliveries=views, next_page_token=pages.token(after)))
