"""Messages to hooks: written down once for each event and hook, then sent until somebody takes them or time is up.

A message keeps its id over all attempts. An attempt is claimed by a guarded commit before anything is sent, so of two
tasks for one turn one sends; an attempt whose sender died is found by the sweep, and made once more. So a receiver sees
a message at least once, and knows a repeat by its id.
"""

import json
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from common.domain import webhooks as rules
from common.domain.events import heard
from common.domain.model import digest
from common.domain.signing import signed
from common.domain.version import VERSION
from common.domain.webhooks import TEST, Answer, Attempt, Delivery, Hook
from common.engine import store, webhooks
from common.engine.announce import FUNCTION
from common.engine.context import Context
from common.engine.records import Announcement, Dispatch
from common.platform.documents import Conflict, Create, Delete, Document, Order, Unavailable, Update, Where, Write
from common.platform.egress import EgressFailed, EgressRefused
from common.platform.seal import SealBroken

SENDER = "deliver_webhook"
SECONDS = 15.0  # for one attempt, from the look-up of the name to the last byte
SWEPT = 200  # deliveries that one sweep sends for
SKEW = timedelta(minutes=5)  # by which a host's clock may be wrong

log = logging.getLogger(__name__)


class UnknownDelivery(LookupError):
    """There is no delivery of that id."""


class NotNow(Exception):
    """The message cannot be sent again now; the text says why."""


@dataclass(frozen=True)
class _Claimed:
    """An attempt that is ours to make, and what it is signed with."""

    hook: Hook
    delivery: Delivery
    secrets: list[bytes]
    at: datetime


def path(hook_id: str, delivery_id: str) -> str:
    """Path of a delivery."""
    return f"{webhooks.path(hook_id)}/deliveries/{delivery_id}"


def fan_out(context: Context, row_id: str) -> str:
    """Write a delivery for every hook that hears an announcement, and take it out of the outbox, in one commit."""
    row_path = f"outbox/{row_id}"
    tried: list[Delivery] | None = None

    def attempt() -> list[Delivery] | None:
        nonlocal tried
        row = context.documents.get(row_path)
        if row is None:
            return tried  # somebody has announced it; we, perhaps, and only the answer was lost
        told = Dispatch.model_validate(row.data).announcement
        if told is None:
            return None
        made = [_of(context, row_id, told, hook, row.read_at) for hook in _listening(context, told)]
        if tried is not None:  # the announcement may have been made before, and then written again
            made = [one for one in made if context.documents.get(path(one.hook, one.id)) is None]
        tried = made
        writes: list[Write] = [Create(path(one.hook, one.id), one.model_dump(mode="json")) for one in made]
        context.documents.commit([*writes, Delete(row_path, row.version)])
        return made

    made = store.settle(context.clock, attempt)
    if made is None:
        return "nothing: it is announced"
    context.failpoints.reach("after_commit", FUNCTION)
    for delivery in made:
        _send_for(context, delivery)
    return f"{len(made)} deliveries" if made else ""


def attempt(context: Context, hook_id: str, delivery_id: str, turn: int) -> str:
    """Make the attempt of a turn, if that is still to be made; what was done, for the log."""
    by = f"{context.owner}/{context.new_id()[:8]}"
    claimed = store.settle(context.clock, lambda: _claim(context, hook_id, delivery_id, turn, by))
    if isinstance(claimed, str):
        return claimed
    context.failpoints.reach("after_claim", SENDER)
    made, answer = _post(context, claimed)
    context.failpoints.reach("after_work", SENDER)
    delivery = _record(context, claimed, made, answer)
    if delivery is None:
        return "superseded: another attempt was begun"
    context.failpoints.reach("after_commit", SENDER)
    if delivery.state == "waiting":
        _send_for(context, delivery)
    return f"{delivery.state}: {made.error or made.status}"


def replay(context: Context, hook_id: str, delivery_id: str) -> Delivery:
    """Send a message once more under its own id; UnknownDelivery, NotNow."""

    def attempt() -> Delivery:
        hook, _ = _enabled(context, hook_id)
        found = context.documents.get(path(hook_id, delivery_id))
        if found is None:
            raise UnknownDelivery(f"There is no delivery {delivery_id} of webhook {hook_id}.")
        delivery = Delivery.model_validate(found.data)
        if delivery.state == "waiting":
            raise NotNow(f"Delivery {delivery_id} still waits for its next attempt.")
        waiting = rules.again(delivery, hook, found.read_at)
        context.documents.commit([Update(found.path, waiting.model_dump(mode="json"), found.version)])
        return waiting

    waiting = store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    _send_for(context, waiting)
    return waiting


def ping(context: Context, hook_id: str, message_id: str) -> Delivery:
    """Send a message of no meaning at once, without retries, and see what comes of it; UnknownHook, NotNow."""
    hook, now = _enabled(context, hook_id)
    body = _body(TEST, now, {"webhook": hook.id, "message": "If you can read this, your webhook works."})
    message = rules.message(message_id, hook, TEST, body, now, retries=0)

    def create() -> None:
        if context.documents.get(path(hook_id, message_id)) is None:
            context.documents.commit([Create(path(hook_id, message_id), message.model_dump(mode="json"))])

    store.settle(context.clock, create, store.CLIENT_PATIENCE)
    attempt(context, hook_id, message_id, 0)
    return load(context, hook_id, message_id)


def load(context: Context, hook_id: str, delivery_id: str) -> Delivery:
    """A delivery as it stands; UnknownDelivery."""
    found = context.documents.get(path(hook_id, delivery_id))
    if found is None:
        raise UnknownDelivery(f"There is no delivery {delivery_id} of webhook {hook_id}.")
    return Delivery.model_validate(found.data)


def send_again(context: Context) -> int:
    """Send for deliveries that nobody took care of in time; how many. Turns make repeats harmless."""
    until = (context.clock.now() + SKEW).isoformat().replace("+00:00", "Z")
    where = [Where("look_at", "<=", until)]
    sent = 0
    for row in context.documents.query_group("deliveries", where=where, order=[Order("look_at")], limit=SWEPT):
        try:
            sent += _again(context, row)
        except Conflict:
            continue  # somebody takes care of it now
        except Unavailable:
            raise
        except Exception:  # of another version, or damaged
            log.exception("a delivery could not be swept", extra={"document": row.path})
    return sent


def _again(context: Context, row: Document) -> bool:
    delivery = Delivery.model_validate(row.data)
    if delivery.look_at is None or row.read_at < delivery.look_at:
        return False
    due = delivery.model_copy(
        update={"due_at": min(delivery.due_at, row.read_at), "look_at": row.read_at + rules.LEASE}
    )
    context.documents.commit([Update(row.path, due.model_dump(mode="json"), row.version)])
    return _send_for(context, due, f"-{int(row.read_at.timestamp())}")


def _listening(context: Context, told: Announcement) -> list[Hook]:
    return [
        hook for hook in webhooks.owned(context.documents, told.owner) if hook.enabled and heard(hook.events, told.type)
    ]


def _of(context: Context, row_id: str, told: Announcement, hook: Hook, now: datetime) -> Delivery:
    """The message of an event to a hook. Its id follows from both, so it is the same whoever writes it."""
    base = context.settings.public_url.rstrip("/")
    kind = told.type.partition(".")[0]
    link = f"{base}/pipeline/{told.subject}" if kind == "pipeline" else f"{base}/pipeline/batch/{told.subject}"
    body = _body(told.type, told.at, {**told.data, "links": {"self": link}})
    return rules.message(f"msg_{digest([row_id, hook.id])[:24]}", hook, told.type, body, now)


def _body(kind: str, at: datetime, data: Mapping[str, Any]) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": kind, "timestamp": moment, "data": dict(data)}, separators=(",", ":"))


def _enabled(context: Context, hook_id: str) -> tuple[Hook, datetime]:
    """A hook that is switched on, and the moment of the read by the store's clock."""
    found = context.documents.get(webhooks.path(hook_id))
    if found is None:
        raise webhooks.UnknownHook(f"There is no webhook {hook_id}.")
    hook = Hook.model_validate(found.data)
    if not hook.enabled:
        raise NotNow(f"Webhook {hook_id} is switched off; switch it on first.")
    return hook, found.read_at


def _claim(context: Context, hook_id: str, delivery_id: str, turn: int, by: str) -> _Claimed | str:
    """Take the attempt of a turn, or say why it is not to be made."""
    found = context.documents.get(path(hook_id, delivery_id))
    if found is None:
        return "nothing: there is no such delivery"
    delivery, now = Delivery.model_validate(found.data), found.read_at
    ours = delivery.by == by  # our commit arrived, only its answer was lost
    if not ours and (delivery.state != "waiting" or delivery.turn != turn):
        return f"nothing: it is {delivery.state}, in turn {delivery.turn}"
    if not ours and now + rules.EARLY < delivery.due_at:
        return "nothing: it is put off"
    try:
        hook = webhooks.load(context.documents, hook_id)
    except webhooks.UnknownHook:
        return _drop(context, found, delivery, "the webhook was deleted")
    if not hook.enabled:
        return _drop(context, found, delivery, "the webhook is switched off")
    if not ours and delivery.spent:  # the sender of its last attempt did not come back
        _conclude(context, found, rules.given_up(delivery, now), hook, now)
        return "failed: the last attempt was lost"
    try:
        secrets = webhooks.secrets_of(context, hook, now)
    except SealBroken as broken:
        log.error("a webhook's secret cannot be opened", extra={"webhook": hook_id, "reason": str(broken)})
        secrets = []
    if not ours:
        delivery = rules.begun(delivery, by, now)
        context.documents.commit([Update(found.path, delivery.model_dump(mode="json"), found.version)])
    return _Claimed(hook, delivery, secrets, now)


def _post(context: Context, claimed: _Claimed) -> tuple[Attempt, Answer | None]:
    """Send the message once, and say what came of it."""
    delivery, began = claimed.delivery, context.clock.now()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"AIPROD-Webhooks/{VERSION}",
        # By the store's clock, for a receiver refuses what a host with a wrong one would write.
        **signed(delivery.id, claimed.at, delivery.body, claimed.secrets),
    }
    answer, error = None, ""
    try:
        if not claimed.secrets:
            raise EgressRefused("Its signing secret cannot be opened; rotate the secret.")
        reply = context.egress.post(claimed.hook.url, delivery.body.encode(), headers, seconds=SECONDS)
        asked = _seconds(reply.retry_after, claimed.at) if reply.status in rules.BUSY else None
        answer = Answer(status=reply.status, retry_after=asked, text=reply.text)
        error = rules.fault(reply.status)
    except (EgressRefused, EgressFailed) as failed:
        error = str(failed)
    took = max(0.0, (context.clock.now() - began).total_seconds())
    made = Attempt(
        number=delivery.turn,
        at=claimed.at,
        seconds=round(took, 3),
        status=answer.status if answer else None,
        error=error,
        answer=answer.text if answer else "",
    )
    return made, answer


def _record(context: Context, claimed: _Claimed, made: Attempt, answer: Answer | None) -> Delivery | None:
    """Write down how an attempt of ours ended, and what that means for its hook; None when it no longer counts."""
    chance = random.random()

    def attempt() -> Delivery | None:
        found = context.documents.get(path(claimed.hook.id, claimed.delivery.id))
        if found is None:
            return None
        delivery = Delivery.model_validate(found.data)
        if made in delivery.attempts:
            return delivery  # our commit arrived, only its answer was lost
        if delivery.by != claimed.delivery.by:
            return None
        over = rules.ended(delivery, made, answer, found.read_at, chance)
        _conclude(context, found, over, claimed.hook, found.read_at)
        return over

    return store.settle(context.clock, attempt)


def _conclude(context: Context, found: Document, over: Delivery, hook: Hook, now: datetime) -> None:
    """Commit a delivery after an attempt; with its end, what its hook has to know of it."""
    writes: list[Write] = [Update(found.path, over.model_dump(mode="json"), found.version)]
    row = context.documents.get(webhooks.path(hook.id)) if over.state != "waiting" else None
    if row is not None:
        known = Hook.model_validate(row.data)
        judged = rules.judged(known, over, now)
        if judged != known:
            writes.append(Update(row.path, judged.model_dump(mode="json"), row.version))
    context.documents.commit(writes)


def _drop(context: Context, found: Document, delivery: Delivery, why: str) -> str:
    gone = rules.given_up(delivery, found.read_at, "dropped")
    context.documents.commit([Update(found.path, gone.model_dump(mode="json"), found.version)])
    return f"dropped: {why}"


def _send_for(context: Context, delivery: Delivery, suffix: str = "") -> bool:
    """Have the next attempt made when it is due; what fails here is left to the sweep."""
    queue = context.catalogue[SENDER].task
    assert queue is not None
    data = {"hook": delivery.hook, "delivery": delivery.id, "turn": delivery.turn}
    try:
        context.tasks.enqueue(queue, SENDER, data, name=f"{delivery.task}{suffix}", not_before=delivery.due_at)
    except Unavailable as away:
        log.debug("a delivery waits for the sweep", extra={"delivery": delivery.id, "reason": str(away)})
        return False
    return True


def _seconds(retry_after: str, now: datetime) -> float | None:
    """What a Retry-After header asks for: seconds, or a date; None where it is neither, whatever it is."""
    text = retry_after.strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        return (parsedate_to_datetime(text) - now).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
