"""One effect for one Idempotency-Key, however often the request is sent.

The record is written before the work begins and holds the id of what the work will create. Whoever takes over
after a crash therefore creates the same thing again, which the store refuses, and not a second one.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import Field

from common.domain.model import Model, digest
from common.engine.context import Context
from common.http.call import Answer
from common.http.problem import Problem
from common.platform.documents import Conflict, Create, Delete, Document, Unavailable, Update

LIFETIME = timedelta(hours=24)
LEASE = timedelta(seconds=60)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class Record(Model):
    """What is known of one key: which request it stands for, what it creates, and the answer once there is one."""

    fingerprint: str
    new_id: str
    lease_until: datetime
    expires_at: datetime
    status: int | None = None
    body: object = None
    headers: dict[str, str] = Field(default_factory=dict)


def once(
    context: Context,
    caller: str,
    method: str,
    path: str,
    key: str,
    body: Model,
    perform: Callable[[str], Answer],
) -> Answer:
    """Answer as the first request with this key was answered, or be that first request.

    Problem 400 for a key that is none, 422 when the key stood for another request, 409 while that one still runs.
    What `perform` refuses by raising is not remembered: the client may correct the request and use the key again.
    """
    if not _KEY.fullmatch(key):
        raise Problem(
            400,
            "invalid_idempotency_key",
            "The Idempotency-Key must have 1 to 255 visible ASCII characters; a random UUID is a good one.",
        )
    route = digest([caller, method, path, key])
    record_path = f"idempotency/{route}"
    fingerprint = digest(body)
    for _ in range(5):
        found = context.documents.get(record_path)
        record = Record.model_validate(found.data) if found else None
        now = found.read_at if found else context.clock.now()
        if record is not None and record.expires_at > now:
            if record.fingerprint != fingerprint:
                raise Problem(
                    422,
                    "idempotency_key_reused",
                    "This Idempotency-Key was used with another body; use a new key for a new request.",
                )
            if record.status is not None:
                return Answer(record.status, record.body, {**record.headers, "Idempotent-Replayed": "true"})
            if record.lease_until > now:
                raise _in_progress(record.lease_until - now)
            ours = record.model_copy(update={"lease_until": now + LEASE})
        else:
            ours = Record(
                fingerprint=fingerprint,
                new_id=context.new_id(),
                lease_until=now + LEASE,
                expires_at=now + LIFETIME,
            )
        held = _take(context, record_path, ours, found)
        if held is not None:
            return _run(context, held, ours, perform)
    raise _in_progress(LEASE)


def not_taken() -> Problem:
    """What answers a key where an answer holds a secret, which is kept nowhere and so cannot be given again."""
    return Problem(
        400,
        "idempotency_key_refused",
        "The answer holds a secret, which is kept nowhere, so a repeat cannot be answered alike: send the request "
        "without Idempotency-Key, and look at what is there before you repeat it.",
    )


def _run(context: Context, held: Document, record: Record, perform: Callable[[str], Answer]) -> Answer:
    try:
        answer = perform(record.new_id)
    except Problem:
        _quietly(context, Delete(held.path, held.version))
        raise
    except Exception:
        # The outcome is unknown: a repeat may go on at once, and goes on with the same id.
        over = record.model_copy(update={"lease_until": held.read_at})
        _quietly(context, Update(held.path, over.model_dump(mode="json"), held.version))
        raise
    body = answer.body.model_dump(mode="json") if isinstance(answer.body, Model) else answer.body
    done = record.model_copy(update={"status": answer.status, "body": body, "headers": dict(answer.headers)})
    _quietly(context, Update(held.path, done.model_dump(mode="json"), held.version))
    return answer


def _take(context: Context, path: str, record: Record, found: Document | None) -> Document | None:
    """The record as ours to work under; None when a rival was faster."""
    data = record.model_dump(mode="json")
    try:
        context.documents.commit([Update(path, data, found.version) if found else Create(path, data)])
    except Conflict:
        return None
    written = context.documents.get(path)
    return written if written and written.data == data else None


def _quietly(context: Context, write: Update | Delete) -> None:
    """Write what is good to have: a lost answer costs the client a wait until the lease ends, and nothing else."""
    try:
        context.documents.commit([write])
    except (Conflict, Unavailable):
        return


def _in_progress(left: timedelta) -> Problem:
    return Problem(
        409,
        "idempotency_in_progress",
        "The first request with this Idempotency-Key is still being handled; send it again in a moment.",
        headers={"Retry-After": str(max(1, min(5, round(left.total_seconds()))))},
    )
