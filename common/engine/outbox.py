"""From the outbox to the bus: what a commit decided to send is sent at least once, under one id."""

import logging
from collections.abc import Iterable
from datetime import timedelta

from common.engine import announce
from common.engine.context import Context
from common.engine.records import Change, Dispatch
from common.engine.rounds import going_round
from common.engine.store import outbox_path
from common.observability import metrics
from common.platform.documents import Conflict, Delete, Document, Put, Unavailable, Update, Write

RESEND = timedelta(seconds=30)  # after which an announcement that was sent again is taken for lost, too
AWAY = 3  # functions whose messages are not taken: then it is the bus, and each of the others would take as long

log = logging.getLogger(__name__)


def row(dispatch: Dispatch) -> Write:
    """What puts a message into the outbox, for a commit that makes it true."""
    return Put(outbox_path(dispatch), dispatch.model_dump(mode="json"))


def follow(context: Context, change: Change) -> None:
    """Publish what a change that was committed sends."""
    relay(context, announce.outgoing(change))


def relay(context: Context, dispatches: Iterable[Dispatch]) -> None:
    """Publish rows, then remove them. What fails here stays in the outbox for the sweep."""
    for dispatch in dispatches:
        try:
            _send(context, dispatch)
        except Unavailable:
            return


def relay_old(context: Context, older_than: timedelta) -> int:
    """Publish rows that their own commit left behind; how many there were. None of them keeps another one back.

    Of very many it takes as much as one sweep can, and the next one goes on from there.
    """
    old, silent, oldest = 0, set[str](), timedelta(0)
    for row in going_round(context, "outbox", "outbox"):
        try:
            dispatch = Dispatch.model_validate(row.data)
            oldest = max(oldest, row.read_at - dispatch.created_at)
            # A pipeline's first row has the time of its host, which may be ahead of the store's: not young, but wrong.
            if older_than and abs(row.read_at - dispatch.created_at) < older_than:
                continue
            if older_than and dispatch.sent_at and row.read_at - dispatch.sent_at < RESEND:
                continue
            old += 1
            if dispatch.step not in silent and len(silent) < AWAY:
                if dispatch.announcement:
                    _mark(context, dispatch, row)
                _send(context, dispatch)
        except Conflict:
            continue  # it was announced meanwhile, or another sweep sends it
        except Unavailable as away:
            silent.add(dispatch.step)
            log.debug("a message stays in the outbox", extra={"document": row.path, "reason": str(away)})
        except Exception:  # of another version, or damaged
            log.exception("a message could not be relayed", extra={"document": row.path})
    metrics.OUTBOX_AGE.set(oldest.total_seconds())
    return old


def _mark(context: Context, dispatch: Dispatch, row: Document) -> None:
    """Note that a row is sent again, so that not every sweep does it; not where it is gone."""
    marked = dispatch.model_copy(update={"sent_at": row.read_at})
    context.documents.commit([Update(row.path, marked.model_dump(mode="json"), row.version)])


def _send(context: Context, dispatch: Dispatch) -> None:
    data = {"pipeline_id": dispatch.pipeline_id, "step": dispatch.step, "key": dispatch.key}
    if dispatch.announcement:
        # Its row stays until the deliveries stand: `announce` removes it.
        topic = context.catalogue[dispatch.step].topic or dispatch.step
        context.messages.publish(topic, {**data, "row": dispatch.id}, message_id=dispatch.id)
        return
    queue = context.catalogue.rules(dispatch.step).queue
    if queue or dispatch.not_before:
        # The row's own time is in the name, for a queue remembers names long after their task is gone.
        name = f"{dispatch.id}.{dispatch.created_at.timestamp():.3f}".replace(".", "-")
        lane = f"{queue or 'steps'}-{dispatch.priority}"
        context.tasks.enqueue(lane, dispatch.step, data, name=name, not_before=dispatch.not_before)
    else:
        context.messages.publish(dispatch.step, data, message_id=dispatch.id)
    context.failpoints.reach("after_publish", dispatch.step)
    context.documents.commit([Delete(outbox_path(dispatch))])
