"""Who did what, to what, from where, and how it ended: events that are only ever added.

An event is a line of the log and a document `audit/{id}`. What changes something keeps its event in the commit of the
change (`entry`), so that neither is without the other; what only happened is recorded on its own (`record`), and a
store that is away costs the document, not the request. Secrets do not get in: what looks like one is struck out.
"""

import logging
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, get_args

from pydantic import Field

from common.domain.model import Model
from common.platform.clock import Clock
from common.platform.documents import Conflict, Create, Documents, Order, Unavailable, Where

Kind = Literal[
    "API_CALL",
    "AUTH_SUCCESS",
    "AUTH_FAILURE",
    "AUTH_TOKEN_REFRESH",
    "AUTH_TOKEN_REVOKE",
    "PERMISSION_DENIED",
    "DATA_ACCESS",
    "CONFIG_CHANGE",
    "SECRET_ACCESS",
    "ADMIN_ACTION",
    "ERROR",
    "SECURITY_ALERT",
    "EXPORT",
    "API_KEY_CREATED",
    "API_KEY_ROTATED",
    "API_KEY_REVOKED",
    "API_KEY_LISTED",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
Outcome = Literal["success", "failure", "begun"]

COLLECTION = "audit"
KEPT = timedelta(days=400)  # as long as Google Cloud keeps its own record of what administrators do
STRUCK = "[not kept]"

_NO_FACTS: Mapping[str, Any] = MappingProxyType({})
_LONGEST = 500  # characters of one text
_MOST = 50  # members of one list or mapping
_DEEPEST = 4
# What a secret of ours, or anybody's token, looks like; and what a field that holds one is called.
_SECRET = re.compile(
    r"apk_[\w-]{8,}|whsec_[\w+/=-]{8,}|eyJ[\w-]{8,}\.[\w-]*\.?[\w-]*|\b(?:bearer|basic)\s+[\w.~+/=-]+", re.IGNORECASE
)
_SECRET_NAME = re.compile(r"(^|_)(authorization|cookie|password|secret|token|api_?key)$", re.IGNORECASE)

log = logging.getLogger(__name__)


class Event(Model):
    """One entry of the audit log."""

    at: datetime = Field(description="When it happened.")
    kind: Kind = Field(description="What happened.")
    actor: str = Field(description="Who: a user, a service, a function; empty where nobody was proved.")
    subject: str = Field(description="To what or whom.")
    outcome: Outcome = Field(description="How it went.")
    address: str = Field(description="Address of the client.")
    request_id: str = Field(description="Of the request, which the log has too.")
    facts: dict[str, Any] = Field(description="What else is known of it.")


def entry(
    clock: Clock,
    kind: Kind,
    *,
    actor: str,
    subject: str = "",
    outcome: Outcome = "success",
    address: str = "",
    request_id: str = "",
    facts: Mapping[str, Any] = _NO_FACTS,
) -> Create:
    """An event as one write, to be committed with the change that it tells of; then `say` it."""
    now = clock.now()
    data = {
        "at": stamp(now),
        "kind": kind,
        "actor": _text(actor),
        "subject": _text(subject),
        "outcome": outcome,
        "address": _text(address),
        "request_id": _text(request_id),
        "facts": _clean(dict(facts), 0),
        "expires_at": stamp(now + KEPT),
    }
    return Create(f"{COLLECTION}/{secrets.token_hex(10)}", data)


@dataclass(frozen=True)
class Who:
    """Who asks for a change, from where, in which request."""

    id: str
    address: str = ""
    request_id: str = ""

    def entry(self, clock: Clock, kind: Kind, subject: str, **facts: Any) -> Create:
        """An event that says so, to be committed with the change."""
        return entry(
            clock,
            kind,
            actor=self.id,
            subject=subject,
            address=self.address,
            request_id=self.request_id,
            facts=facts,
        )


def say(*entries: Create) -> None:
    """Write events to the log, once what they tell of is committed."""
    for one in entries:
        told = {name: value for name, value in one.data.items() if name != "expires_at"}
        level = logging.WARNING if one.data["kind"] in ("SECURITY_ALERT", "ERROR") else logging.INFO
        log.log(level, "audit %s", one.data["kind"], extra={"audit": {"id": one.path.partition("/")[2], **told}})


def record(
    documents: Documents,
    clock: Clock,
    kind: Kind,
    *,
    actor: str,
    subject: str = "",
    outcome: Outcome = "success",
    address: str = "",
    request_id: str = "",
    facts: Mapping[str, Any] = _NO_FACTS,
) -> None:
    """Record what happened. Never fails: where the store does not take it, the log has it and says so."""
    told = entry(
        clock,
        kind,
        actor=actor,
        subject=subject,
        outcome=outcome,
        address=address,
        request_id=request_id,
        facts=facts,
    )
    say(told)
    try:
        documents.commit([told])
    except (Conflict, Unavailable) as away:
        log.error("an audit event is in the log only", extra={"event": told.path, "reason": str(away)})


def stamp(moment: datetime) -> str:
    """A moment as text that sorts by time: UTC, always with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def newest(
    documents: Documents,
    *,
    kind: Kind | None = None,
    actor: str | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int,
    after: Sequence[Any] | None = None,
) -> list[tuple[str, Event]]:
    """Events with their ids, newest first, `since` included and `until` not; `after` is the last row's time and id."""
    equal = {"kind": kind, "actor": actor, "subject": subject}
    where = [Where(name, "==", value) for name, value in equal.items() if value is not None]
    if since is not None:
        where.append(Where("at", ">=", stamp(since)))
    if until is not None:
        where.append(Where("at", "<", stamp(until)))
    rows = documents.query(COLLECTION, where, [Order("at", descending=True)], limit, after)
    return [(row.id, Event.model_validate({name: row.data[name] for name in Event.model_fields})) for row in rows]


def _clean(value: Any, depth: int) -> Any:
    """The value as a store and a log can keep it, bounded, and without what looks like a secret."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and -(2.0**63) < value < 2.0**63:
        return value
    if depth < _DEEPEST and isinstance(value, Mapping):
        members = [(_text(name), inner) for name, inner in list(value.items())[:_MOST]]
        return {
            name: STRUCK if _SECRET_NAME.search(name) else _clean(inner, depth + 1) for name, inner in members if name
        }
    if depth < _DEEPEST and isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner, depth + 1) for inner in list(value)[:_MOST]]
    return _text(value)


def _text(value: Any) -> str:
    text = str(value)[: 8 * _LONGEST].encode("utf-8", "replace").decode()
    return _SECRET.sub(STRUCK, text)[:_LONGEST]
