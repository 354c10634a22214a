"""From the outbox to the bus: what a commit decided to send is sent at least once, under one id."""

from collections.abc import Iterable
from datetime import timedelta

from common.engine.context import Context
from common.engine.records import Dispatch
from common.engine.store import outbox_path
from common.platform.documents import Delete, Unavailable


def relay(context: Context, dispatches: Iterable[Dispatch]) -> None:
    """Publish rows, then remove them. What fails here stays in the outbox for the sweep."""
    for dispatch in dispatches:
        data = {"pipeline_id": dispatch.pipeline_id, "step": dispatch.step, "key": dispatch.key}
        queue = context.catalogue.rules(dispatch.step).queue
        try:
            if queue or dispatch.not_before:
                # The row's own time is in the name, for a queue remembers names long after their task is gone.
                name = f"{dispatch.id}.{dispatch.created_at.timestamp():.3f}".replace(".", "-")
                lane = f"{queue or 'steps'}-{dispatch.priority}"
                context.tasks.enqueue(lane, dispatch.step, data, name=name, not_before=dispatch.not_before)
            else:
                context.messages.publish(dispatch.step, data, message_id=dispatch.id)
            context.failpoints.reach("after_publish", dispatch.step)
            context.documents.commit([Delete(outbox_path(dispatch))])
        except Unavailable:
            return


def relay_old(context: Context, older_than: timedelta) -> int:
    """Publish rows that their own commit left behind; how many there were."""
    rows = [(row.read_at, Dispatch.model_validate(row.data)) for row in context.documents.query("outbox")]
    old = [row for read_at, row in rows if not older_than or read_at - row.created_at >= older_than]
    relay(context, old)
    return len(old)
