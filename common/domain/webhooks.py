"""Webhooks and what is delivered to them: as stored, and how an attempt's end is judged. Standard Webhooks 1.0.0."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from common.domain.events import PROGRESS, heard
from common.domain.model import Model

MOST_HOOKS = 20  # of one owner
RETRIES, MOST_RETRIES = 3, 9
FAILURES = 10  # messages in a row that nobody took, after which a hook is switched off
ATTEMPTS_KEPT = 50  # of one delivery, the newest
KEPT = timedelta(days=30)  # for which a delivery can be looked up and sent again
OVERLAP = timedelta(hours=24)  # for which messages are signed with the old secret, too, after a rotation
MOST_SECRETS = 4  # that sign one message, however often the secret is rotated within that time
LEASE = timedelta(seconds=90)  # for which an attempt is taken to be under way
GRACE = timedelta(seconds=30)  # after which the sweep sends for an attempt that is due and that nobody began
EARLY = timedelta(seconds=2)  # by how much a queue's clock may be ahead of the store's

# The pauses of Standard Webhooks: three retries take half an hour, nine take three days.
PAUSES = tuple(timedelta(seconds=one) for one in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400))
JITTER = 0.2  # share of a pause that chance adds, so that many do not come back at one instant
LONGEST_ASKED = timedelta(hours=1)  # that a receiver may ask for by Retry-After

TEST = "webhook.test"
BUSY = frozenset({429, 502, 503, 504})  # a receiver that may say when to come back
GONE = 410

State = Literal["waiting", "delivered", "failed", "dropped"]


class Secret(Model):
    """A signing secret, sealed. The newest has no end; each one before it signs until then."""

    sealed: str
    until: datetime | None = None


class Hook(Model):
    """Where events are delivered to, of which types, and how that went of late."""

    id: str
    owner: str
    url: str
    events: tuple[str, ...]
    description: str = ""
    enabled: bool = True
    reason: str = ""  # why it is switched off
    retries: int = RETRIES
    failures: int = 0  # messages in a row that were given up
    hears_progress: bool = False  # is asked once per pipeline, so it is a field that can be queried
    secrets: tuple[Secret, ...] = ()
    created_at: datetime
    updated_at: datetime

    def but(self, **fields: object) -> "Hook":
        """The hook with other fields, and what follows from them."""
        made = self.model_copy(update=fields)
        return made.model_copy(update={"hears_progress": made.enabled and heard(made.events, PROGRESS)})


class Attempt(Model):
    """One POST: when, how long it took, and what came of it. Without a status there was no answer."""

    number: int = Field(description="Counts from 1, over repeats at a client's word, too.")
    at: datetime = Field(description="When it began; the webhook-timestamp of the request.")
    seconds: float = Field(description="How long it took.")
    status: int | None = Field(description="HTTP status of the answer; null without one.")
    error: str = Field(default="", description="Why it did not count as delivered.")
    answer: str = Field(default="", description="The beginning of the answer's body.")


class Delivery(Model):
    """One message to one hook. `turn` counts attempts begun, and only a task of the same turn may begin another.

    `due_at` is when that may begin; `look_at` is when the sweep sees whether somebody took care of it. While `by` names
    somebody, an attempt is under way.
    """

    id: str
    hook: str
    owner: str
    type: str
    body: str  # exactly as it is signed and sent
    state: State = "waiting"
    turn: int = 0
    since: int = 0  # the turn at which it was sent for by its event, or by a client who wants it once more
    retries: int
    by: str = ""
    attempts: tuple[Attempt, ...] = ()
    due_at: datetime
    look_at: datetime | None
    created_at: datetime
    finished_at: datetime | None = None
    expires_at: datetime

    @property
    def spent(self) -> bool:
        """Whether no further attempt may begin."""
        return self.turn > self.since + self.retries

    @property
    def task(self) -> str:
        """The name of the task that begins the next attempt."""
        return f"{self.hook}-{self.id}-{self.turn}-{int(self.due_at.timestamp())}"


class Answer(Model):
    """What a receiver said. `retry_after` is in seconds."""

    status: int
    retry_after: float | None = None
    text: str = ""


def message(message_id: str, hook: Hook, kind: str, body: str, now: datetime, retries: int | None = None) -> Delivery:
    """A message that was never tried."""
    return Delivery(
        id=message_id,
        hook=hook.id,
        owner=hook.owner,
        type=kind,
        body=body,
        retries=hook.retries if retries is None else retries,
        due_at=now,
        look_at=now + GRACE,
        created_at=now,
        expires_at=now + KEPT,
    )


def begun(delivery: Delivery, by: str, now: datetime) -> Delivery:
    """The delivery with its next attempt under way. One whose sender never came back is noted."""
    turn = delivery.turn + 1
    return delivery.model_copy(
        update={"turn": turn, "by": by, "due_at": now + LEASE, "look_at": now + LEASE, "attempts": _noted(delivery)}
    )


def given_up(delivery: Delivery, now: datetime, state: State = "failed") -> Delivery:
    """The delivery at its end without success."""
    over = {"state": state, "by": "", "look_at": None, "finished_at": now, "attempts": _noted(delivery)}
    return delivery.model_copy(update=over)


def again(delivery: Delivery, hook: Hook, now: datetime) -> Delivery:
    """The same message once more, with all its retries, at a client's word."""
    return delivery.model_copy(
        update={
            "state": "waiting",
            "since": delivery.turn,
            "retries": hook.retries,
            "due_at": now,
            "look_at": now + GRACE,
            "finished_at": None,
            "expires_at": now + KEPT,
        }
    )


def ended(delivery: Delivery, attempt: Attempt, answer: Answer | None, now: datetime, chance: float) -> Delivery:
    """The delivery after an attempt: at its end, or waiting for the next one. `chance` is from 0 to 1."""
    attempts = (*delivery.attempts, attempt)[-ATTEMPTS_KEPT:]
    noted = delivery.model_copy(update={"attempts": attempts, "by": ""})
    if not attempt.error:
        return noted.model_copy(update={"state": "delivered", "look_at": None, "finished_at": now})
    if attempt.status == GONE or delivery.spent:
        return given_up(noted, now)
    due = now + _pause(delivery, answer) * (1.0 + JITTER * chance)
    return noted.model_copy(update={"due_at": due, "look_at": due + GRACE})


def judged(hook: Hook, delivery: Delivery, now: datetime) -> Hook:
    """The hook after a delivery of it ended: success wipes out what failed before, and failures switch it off."""
    if delivery.type == TEST:
        return hook
    if delivery.state == "delivered":
        return hook.model_copy(update={"failures": 0}) if hook.failures else hook
    if delivery.attempts and delivery.attempts[-1].status == GONE:
        return hook.but(enabled=False, reason="The receiver answered 410 Gone.", updated_at=now)
    failures = hook.failures + 1
    if failures < FAILURES or not hook.enabled:
        return hook.model_copy(update={"failures": failures})
    reason = f"The last {failures} messages could not be delivered."
    return hook.but(enabled=False, failures=failures, reason=reason, updated_at=now)


def fault(status: int) -> str:
    """Why an answer does not count as delivered; empty where it does."""
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"The receiver answered {status}; redirects are not followed, so give the hook the final URL."
    return f"The receiver answered {status}."


def _pause(delivery: Delivery, answer: Answer | None) -> timedelta:
    pause = PAUSES[min(delivery.turn - delivery.since, len(PAUSES)) - 1]
    if answer is not None and answer.status in BUSY and answer.retry_after is not None:
        asked = timedelta(seconds=max(0.0, answer.retry_after))
        return max(pause, min(asked, LONGEST_ASKED))
    return pause


def _noted(delivery: Delivery) -> tuple[Attempt, ...]:
    if not delivery.by:
        return delivery.attempts
    lost = Attempt(
        number=delivery.turn,
        at=delivery.due_at - LEASE,
        seconds=LEASE.total_seconds(),
        status=None,
        error="Its sender did not come back, so whether it arrived is not known.",
    )
    return (*delivery.attempts, lost)[-ATTEMPTS_KEPT:]
