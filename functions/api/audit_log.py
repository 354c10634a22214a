"""GET /admin/audit-log: who did what."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from common.domain.model import Model
from common.http import paging
from common.http.audited import note
from common.http.call import Answer, Call, Empty
from common.http.paging import Paged, Pages
from common.observability import audit
from common.observability.audit import Event, Kind


def _in_utc(moment: datetime) -> datetime:
    """A moment without a zone is meant in UTC."""
    if not 1900 <= moment.year < 9000:
        raise ValueError("the moment is out of range: use a year from 1900 to 8999")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _written(value: Any) -> Any:
    if isinstance(value, str) and "-" not in value[1:]:
        raise ValueError(f"{value[:40]!r} is no moment; write it as 2026-03-01T09:30:00Z.")
    return value


Moment = Annotated[datetime, BeforeValidator(_written), AfterValidator(_in_utc)]


class Asked(Paged):
    """Which events; all conditions must hold."""

    kind: Kind | None = Field(default=None, description="What happened.")
    actor: str | None = Field(default=None, max_length=500, description="Who did it: a user, a service, a function.")
    subject: str | None = Field(default=None, max_length=500, description="To what or whom.")
    since: Moment | None = Field(default=None, description="From this moment on, as 2026-03-01T09:30:00Z.")
    until: Moment | None = Field(default=None, description="Before this moment.")


class Logged(Event):
    """An event with its id."""

    id: str = Field(description="Id of the event, which is in the log too.")


class AuditLog(Model):
    """A page of the audit log."""

    events: tuple[Logged, ...] = Field(description="Newest first.")
    next_page_token: str = Field(description="Send it as page_token for the next page; empty at the end.")


Query = Asked
Reply = AuditLog
PROBLEMS = ("invalid_page_token",)
REPLY_EXAMPLE: dict[str, Any] = {
    "events": [
        {
            "id": "5d41402abc4b2a76b971",
            "at": "2026-03-01T09:30:00Z",
            "kind": "API_KEY_CREATED",
            "actor": "user-1",
            "subject": "key_9f2c4e6a8b0d1f35",
            "outcome": "success",
            "address": "192.0.2.7",
            "request_id": "5f0c1f2e9d6b4a7c8e3d2b1a0f9e8d7c",
            "facts": {"name": "build server", "owner": "user-1", "role": "user"},
        }
    ],
    "next_page_token": "",
}


def handle(call: Call[Empty]) -> Answer:
    """A page of events. Reading the log is an event, too, which the next first page shows."""
    asked: Asked = call.query
    scope = {name: str(getattr(asked, name)) for name in ("kind", "actor", "subject", "since", "until")}
    pages, size = Pages(call.context, call.caller.id, "audit_log", scope), paging.size(asked)
    rows = audit.newest(
        call.context.documents,
        kind=asked.kind,
        actor=asked.actor,
        subject=asked.subject,
        since=asked.since,
        until=asked.until,
        limit=size + 1,
        after=pages.after(asked),
    )
    shown = rows[:size]
    end = [audit.stamp(shown[-1][1].at), shown[-1][0]] if len(rows) > size else None
    if not asked.page_token:
        note(call, "DATA_ACCESS", actor=call.caller.id, subject="audit", rows=len(shown))
    events = tuple(Logged(id=event_id, **dict(event)) for event_id, event in shown)
    return Answer(body=AuditLog(events=events, next_page_token=pages.token(end)))
